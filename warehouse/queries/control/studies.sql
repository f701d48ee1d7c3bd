-- name: insert
INSERT INTO studies (study_id, kind, state, symbol, timeframe, fingerprint, lineage_root,
    strategy_hash, strategy_name, strategy, param_names, spec, total, created_at)
VALUES (:study_id, :kind, 'running', :symbol, :timeframe, :fingerprint, :lineage_root,
    :strategy_hash, :strategy_name, :strategy, :param_names, :spec, :total, :now)
ON CONFLICT (study_id) DO NOTHING;

-- name: get
SELECT * FROM studies WHERE study_id = :study_id;

-- name: complete
UPDATE studies SET state = 'completed', summary = :summary, completed_at = :now
WHERE study_id = :study_id AND state = 'running';

-- name: all
SELECT * FROM studies ORDER BY created_at, study_id;

-- name: shards
SELECT shard, state, rows FROM shards WHERE study_id = :study_id ORDER BY shard;

-- name: shard
SELECT shard, state, rows FROM shards WHERE study_id = :study_id AND shard = :shard;

-- name: all_shards
SELECT s.study_id, s.shard, s.state, s.rows, t.lineage_root
FROM shards s JOIN studies t ON t.study_id = s.study_id
ORDER BY s.study_id, s.shard;

-- name: intend
INSERT INTO shards (study_id, shard, state, rows, created_at)
VALUES (:study_id, :shard, 'intended', :rows, :now)
ON CONFLICT (study_id, shard) DO UPDATE
SET rows = CASE WHEN shards.rows > excluded.rows THEN shards.rows ELSE excluded.rows END;

-- name: commit_shard
UPDATE shards SET state = 'live', rows = :rows, committed_at = :now
WHERE study_id = :study_id AND shard = :shard AND state = 'intended';
