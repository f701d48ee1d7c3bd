-- name: get
SELECT value FROM meta WHERE key = :key;

-- name: put
INSERT INTO meta (key, value) VALUES (:key, :value)
ON CONFLICT (key) DO UPDATE SET value = excluded.value;

-- name: count
SELECT
    (SELECT count(*) FROM studies) AS studies,
    (SELECT count(*) FROM runs) AS runs,
    (SELECT count(*) FROM verdicts) AS verdicts,
    (SELECT count(*) FROM bar_sets) AS bar_sets,
    (SELECT count(*) FROM small_trials) AS small_trials,
    (SELECT count(*) FROM shards WHERE state = 'intended') AS intended_shards;
