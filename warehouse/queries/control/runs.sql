-- name: get
SELECT * FROM runs
WHERE run_hash = :run_hash AND engine = :engine AND engine_version = :engine_version;

-- name: newest
SELECT * FROM runs
WHERE run_hash = :run_hash
    AND engine_version = coalesce(:engine_version, engine_version)
    AND engine = coalesce(:engine, engine)
ORDER BY seq DESC LIMIT 1;

-- name: versions
SELECT count(*) AS versions FROM runs WHERE run_hash = :run_hash;

-- name: head
SELECT seq, chain_hash FROM runs ORDER BY seq DESC LIMIT 1;

-- name: all
SELECT * FROM runs ORDER BY seq;

-- name: insert
INSERT INTO runs (seq, run_hash, engine, engine_version, state, folder, symbol, timeframe,
    fingerprint, lineage_root, strategy_hash, strategy_name, config, metrics, manifest,
    manifest_hash, chain_prev, chain_hash, created_at)
VALUES (:seq, :run_hash, :engine, :engine_version, 'completed', :folder, :symbol, :timeframe,
    :fingerprint, :lineage_root, :strategy_hash, :strategy_name, :config, :metrics, :manifest,
    :manifest_hash, :chain_prev, :chain_hash, :now)
ON CONFLICT (run_hash, engine, engine_version) DO NOTHING;

-- name: artifacts
SELECT name, revision, file, size, sha256 FROM run_artifacts
WHERE run_seq = :run_seq ORDER BY name, revision;

-- name: attach
INSERT INTO run_artifacts (run_seq, name, revision, file, size, sha256, created_at)
VALUES (:run_seq, :name, :revision, :file, :size, :sha256, :now);
