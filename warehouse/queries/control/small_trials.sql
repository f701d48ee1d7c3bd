-- name: insert
INSERT INTO small_trials (id, trial_index, trial_key, lineage_root, strategy_hash, state,
    param_names, param_values, metrics, behaviour_hash, created_at)
VALUES (:id, :trial_index, :trial_key, :lineage_root, :strategy_hash, :state,
    :param_names, :param_values, :metrics, :behaviour_hash, :now)
ON CONFLICT (id) DO NOTHING;

-- name: all
SELECT trial_index, trial_key, lineage_root, strategy_hash, state, param_names, param_values,
    metrics, behaviour_hash, created_at
FROM small_trials ORDER BY trial_index;
