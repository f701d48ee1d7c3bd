-- name: save_verdict
INSERT INTO verdicts (id, name, profile, passed, run_hash, study_id, body, created_at)
VALUES (:id, :name, :profile, :passed, :run_hash, :study_id, :body, :created_at);

-- name: verdict
SELECT body FROM verdicts WHERE id = :id;

-- name: verdicts
SELECT * FROM verdicts ORDER BY created_at, id;

-- name: cached
SELECT value FROM evaluations WHERE kind = :kind AND key = :key;

-- name: remember
INSERT INTO evaluations (kind, key, value, created_at) VALUES (:kind, :key, :value, :now)
ON CONFLICT (kind, key) DO NOTHING;
