-- name: bar_sets
SELECT s.*, (SELECT count(*) FROM bar_sources f WHERE f.set_seq = s.seq) + 1 AS sources
FROM bar_sets s ORDER BY s.seq;

-- name: chain
SELECT * FROM chain ORDER BY seq;

-- name: environments
SELECT * FROM environments ORDER BY created_at, hash;

-- name: lineages
SELECT root, coalesce(merged_into, root) AS current_root, symbol, timeframe, first_ts, last_ts
FROM lineages ORDER BY seq;

-- name: run_events
SELECT s.run_hash, s.engine, s.engine_version, e.seq, e.kind, e.body, e.created_at
FROM run_events e JOIN run_states s ON s.run_id = e.run_id
ORDER BY e.run_id, e.seq;

-- name: runs
SELECT s.run_hash, s.engine, s.engine_version, s.state, s.attempt, s.error, s.config, s.symbol,
    s.timeframe, s.fingerprint, s.strategy_hash, s.strategy_name, s.created_at, s.updated_at,
    r.seq, r.seed, r.code_version, r.environment_hash, r.folder, r.lineage_root, r.metrics,
    r.manifest, r.manifest_hash, r.chain_prev, r.chain_hash
FROM run_states s
LEFT JOIN runs r ON r.run_hash = s.run_hash AND r.engine = s.engine
    AND r.engine_version = s.engine_version
ORDER BY s.run_id;

-- name: removed
SELECT r.folder, m.file FROM removals m JOIN runs r ON r.seq = m.run_seq
ORDER BY m.run_seq, m.file;

-- name: shards
SELECT s.study_id, s.shard, s.state, s.rows, t.lineage_root, s.first_index, s.trials_digest,
    s.blocks_digest, s.created_at, s.committed_at
FROM shards s JOIN studies t ON t.study_id = s.study_id
ORDER BY s.study_id, s.shard;

-- name: studies
SELECT * FROM studies ORDER BY created_at, study_id;

-- name: verdicts
SELECT * FROM verdicts ORDER BY created_at, id;

-- name: waiting_backtests
-- Single backtests that no compaction has moved yet.
SELECT trial_index, trial_key, lineage_root, strategy_hash, state, param_names, param_values,
    metrics, behaviour_hash, first_ts, last_ts, fingerprint, purpose, looks, created_at,
    last_look_at
FROM small_trials WHERE part_id IS NULL ORDER BY trial_index;

-- name: looks
-- Those that were moved, where they were looked at again.
SELECT trial_index, looks, last_look_at
FROM small_trials WHERE part_id IS NOT NULL AND looks > 1 ORDER BY id;
