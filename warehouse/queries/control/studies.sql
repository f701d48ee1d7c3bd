-- name: insert
INSERT INTO studies (study_id, kind, state, symbol, timeframe, fingerprint, lineage_root,
    strategy_hash, strategy_name, strategy, param_names, spec, total, first_ts, last_ts,
    code_version, environment_hash, created_at)
VALUES (:study_id, :kind, 'running', :symbol, :timeframe, :fingerprint, :lineage_root,
    :strategy_hash, :strategy_name, :strategy, :param_names, :spec, :total, :first_ts, :last_ts,
    :code_version, :environment_hash, :now)
ON CONFLICT (study_id) DO NOTHING;

-- name: get
SELECT * FROM studies WHERE study_id = :study_id;

-- name: complete
UPDATE studies SET state = 'completed', summary = :summary, digest = :digest,
    completed_at = :completed_at
WHERE study_id = :study_id AND state = 'running';

-- name: all
SELECT * FROM studies ORDER BY created_at, study_id;

-- name: shards
SELECT shard, state, rows, first_index, trials_digest, blocks_digest FROM shards
WHERE study_id = :study_id ORDER BY shard;

-- name: shard
SELECT s.shard, s.state, s.rows, s.first_index, s.trials_digest, s.blocks_digest,
    t.digest AS study_digest
FROM shards s JOIN studies t ON t.study_id = s.study_id
WHERE s.study_id = :study_id AND s.shard = :shard;

-- name: intend
INSERT INTO shards (study_id, shard, state, rows, created_at)
VALUES (:study_id, :shard, 'intended', :rows, :now)
ON CONFLICT (study_id, shard) DO UPDATE
SET rows = CASE WHEN shards.rows > excluded.rows THEN shards.rows ELSE excluded.rows END;

-- name: overlapping
SELECT shard FROM shards
WHERE study_id = :study_id AND shard <> :shard AND state = 'live'
    AND first_index < :stop AND first_index + rows > :first_index
ORDER BY shard LIMIT 1;

-- name: commit_shard
UPDATE shards SET state = 'live', rows = :rows, first_index = :first_index,
    trials_digest = :trials_digest, blocks_digest = :blocks_digest, committed_at = :now
WHERE study_id = :study_id AND shard = :shard AND state = 'intended';

-- name: digest_trials
UPDATE shards SET first_index = :first_index, trials_digest = :digest
WHERE study_id = :study_id AND shard = :shard AND trials_digest IS NULL;

-- name: digest_blocks
UPDATE shards SET first_index = :first_index, blocks_digest = :digest
WHERE study_id = :study_id AND shard = :shard AND blocks_digest IS NULL;

-- name: every_shard
SELECT study_id, shard, state, rows, first_index, trials_digest, blocks_digest FROM shards
ORDER BY study_id, shard;

-- name: claims
SELECT subject, body FROM chain WHERE kind = 'study' ORDER BY seq;

-- name: claimed
-- What finished studies claim, and what there is of each.
SELECT c.subject, c.body, s.digest, s.lineage_root, s.total,
    (SELECT coalesce(sum(h.rows), 0) FROM shards h
     WHERE h.study_id = c.subject AND h.state = 'live') AS live_rows
FROM chain c LEFT JOIN studies s ON s.study_id = c.subject
WHERE c.kind = 'study' ORDER BY c.seq;
