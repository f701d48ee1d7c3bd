-- name: insert
INSERT INTO small_trials (id, trial_index, trial_key, lineage_root, strategy_hash, state,
    param_names, param_values, metrics, behaviour_hash, first_ts, last_ts, fingerprint, purpose,
    looks, created_at, last_look_at)
VALUES (:id, :trial_index, :trial_key, :lineage_root, :strategy_hash, :state,
    :param_names, :param_values, :metrics, :behaviour_hash, :first_ts, :last_ts, :fingerprint,
    :purpose, 1, :at, :at)
ON CONFLICT (id) DO UPDATE SET
    looks = small_trials.looks + 1,
    last_look_at = CASE WHEN small_trials.last_look_at > excluded.last_look_at
        THEN small_trials.last_look_at ELSE excluded.last_look_at END;

-- name: all
SELECT id, trial_index, trial_key, lineage_root, strategy_hash, state, param_names, param_values,
    metrics, behaviour_hash, first_ts, last_ts, fingerprint, purpose, looks, created_at,
    last_look_at, part_id
FROM small_trials ORDER BY trial_index;

-- name: waiting_some
-- Those before an index; a compaction moves what is signed.
SELECT id, trial_index, trial_key, lineage_root, strategy_hash, state, param_names, param_values,
    metrics, behaviour_hash, first_ts, last_ts, fingerprint, purpose, created_at
FROM small_trials WHERE part_id IS NULL AND trial_index < :stop ORDER BY trial_index LIMIT :most;

-- name: move
UPDATE small_trials SET part_id = :part_id, param_names = '', param_values = '', metrics = ''
WHERE part_id IS NULL AND trial_index <= :last_index;

-- name: new
SELECT id, trial_index FROM small_trials
WHERE trial_index >= :first AND trial_index < :stop ORDER BY trial_index;

-- name: looks
SELECT looks FROM small_trials WHERE id = :id;

-- name: count
SELECT count(*) AS rows FROM small_trials WHERE trial_index >= :first;

-- name: page
SELECT id, trial_index, trial_key, lineage_root, strategy_hash, state, param_names, param_values,
    metrics, behaviour_hash, first_ts, last_ts, fingerprint, purpose, part_id
FROM small_trials WHERE trial_index >= :first ORDER BY trial_index LIMIT :most;

-- name: last_but
SELECT trial_index FROM small_trials ORDER BY trial_index DESC LIMIT 1 OFFSET :others;

-- name: dropped_parts
-- Parts of single backtests that were committed, and are dead without another in their place.
SELECT id FROM parts
WHERE table_name = 'backtests' AND state = 'dead' AND sha256 IS NOT NULL AND replaced_by IS NULL
ORDER BY id;
