-- name: insert
INSERT INTO small_trials (id, trial_index, trial_key, lineage_root, strategy_hash, state,
    param_names, param_values, metrics, behaviour_hash, looks, created_at, last_look_at)
VALUES (:id, :trial_index, :trial_key, :lineage_root, :strategy_hash, :state,
    :param_names, :param_values, :metrics, :behaviour_hash, 1, :now, :now)
ON CONFLICT (id) DO UPDATE SET
    looks = small_trials.looks + 1, last_look_at = excluded.last_look_at;

-- name: all
SELECT trial_index, trial_key, lineage_root, strategy_hash, state, param_names, param_values,
    metrics, behaviour_hash, looks, created_at, last_look_at
FROM small_trials ORDER BY trial_index;
