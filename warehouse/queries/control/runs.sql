-- name: get
SELECT * FROM runs
WHERE run_hash = :run_hash AND engine = :engine AND engine_version = :engine_version;

-- name: newest
SELECT * FROM runs
WHERE run_hash = :run_hash
    AND engine_version = coalesce(CAST(:engine_version AS TEXT), engine_version)
    AND engine = coalesce(CAST(:engine AS TEXT), engine)
ORDER BY seq DESC LIMIT 1;

-- name: at
SELECT * FROM runs WHERE seq = :seq;

-- name: versions
SELECT count(*) AS versions FROM runs WHERE run_hash = :run_hash;

-- name: next
SELECT coalesce(max(seq), -1) + 1 AS seq FROM runs;

-- name: all
SELECT * FROM runs ORDER BY seq;

-- name: insert
INSERT INTO runs (seq, run_hash, engine, engine_version, state, folder, symbol, timeframe,
    fingerprint, lineage_root, strategy_hash, strategy_name, config, metrics, manifest,
    manifest_hash, chain_prev, chain_hash, created_at, code_version, environment_hash, seed)
VALUES (:seq, :run_hash, :engine, :engine_version, 'completed', :folder, :symbol, :timeframe,
    :fingerprint, :lineage_root, :strategy_hash, :strategy_name, :config, :metrics, :manifest,
    :manifest_hash, :chain_prev, :chain_hash, :created_at, :code_version, :environment_hash, :seed);

-- name: keep_environment
INSERT INTO environments (hash, body, created_at) VALUES (:hash, :body, :now)
ON CONFLICT (hash) DO NOTHING;

-- name: environment
SELECT body FROM environments WHERE hash = :hash;

-- name: environments
SELECT hash, body FROM environments;

-- name: completed
SELECT run_hash, engine, engine_version, config, symbol, timeframe, fingerprint, strategy_hash,
    strategy_name
FROM run_states WHERE state = 'completed';

-- name: artifacts
SELECT run_seq, name, revision, file, size, sha256, created_at FROM run_artifacts
WHERE run_seq = :run_seq ORDER BY name, revision;

-- name: all_artifacts
SELECT run_seq, name, revision, file, size, sha256, created_at FROM run_artifacts
ORDER BY run_seq, revision;

-- name: attach
INSERT INTO run_artifacts (run_seq, name, revision, file, size, sha256, created_at)
VALUES (:run_seq, :name, :revision, :file, :size, :sha256, :created_at);

-- name: announce
INSERT INTO meta (key, value) VALUES (:key, :value);

-- name: announced
SELECT key, value FROM meta WHERE key LIKE 'attaching:%';

-- name: placed
DELETE FROM meta WHERE key = :key;

-- name: removed
SELECT file FROM removals WHERE run_seq = :run_seq;

-- name: removals
SELECT run_seq, file, generation, created_at, unlinked_at FROM removals ORDER BY run_seq;

-- name: aged
SELECT seq, run_hash, folder, manifest FROM runs
WHERE seq <= :last
    AND NOT EXISTS (SELECT 1 FROM removals WHERE removals.run_seq = runs.seq)
    AND NOT EXISTS (
        SELECT 1 FROM verdicts WHERE verdicts.run_hash = runs.run_hash AND verdicts.passed = 1)
ORDER BY seq;

-- name: aged_count
SELECT count(*) AS runs FROM runs
WHERE seq <= :last
    AND NOT EXISTS (SELECT 1 FROM removals WHERE removals.run_seq = runs.seq)
    AND NOT EXISTS (
        SELECT 1 FROM verdicts WHERE verdicts.run_hash = runs.run_hash AND verdicts.passed = 1);

-- name: remove
INSERT INTO removals (run_seq, file, generation, created_at)
VALUES (:run_seq, :file, :generation, :created_at);

-- name: waiting_removals
SELECT removals.run_seq, removals.file, removals.generation, runs.folder, runs.run_hash
FROM removals JOIN runs ON runs.seq = removals.run_seq
WHERE removals.unlinked_at IS NULL ORDER BY removals.run_seq;

-- name: unlinked
UPDATE removals SET unlinked_at = :now
WHERE run_seq = :run_seq AND file = :file AND unlinked_at IS NULL;

-- name: starting
-- Every state of the runs whose hash starts so, the newest first.
SELECT s.run_hash, s.engine, s.engine_version, s.state, s.error
FROM run_states s
LEFT JOIN runs r ON r.run_hash = s.run_hash AND r.engine = s.engine
    AND r.engine_version = s.engine_version
WHERE substr(s.run_hash, 1, length(:start)) = :start
ORDER BY s.created_at DESC, coalesce(r.seq, -1) DESC;

-- name: mentioned
-- The run hashes that start so wherever one stands: a row of them may be gone.
SELECT run_hash FROM run_states WHERE substr(run_hash, 1, length(:start)) = :start
UNION SELECT run_hash FROM runs WHERE substr(run_hash, 1, length(:start)) = :start
UNION SELECT subject FROM chain
    WHERE kind = 'run' AND substr(subject, 1, length(:start)) = :start
ORDER BY 1;
