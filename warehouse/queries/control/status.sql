-- name: counts
SELECT
    (SELECT count(*) FROM small_trials WHERE part_id IS NULL) AS unmoved_trials,
    (SELECT count(*) FROM chain) AS links,
    (SELECT count(*) FROM removals) AS removed_files,
    (SELECT max(version) FROM schema_migrations) AS schema_version;

-- name: parts
SELECT table_name, state, count(*) AS parts, CAST(sum(rows) AS BIGINT) AS rows,
    CAST(sum(coalesce(bytes, 0)) AS BIGINT) AS bytes,
    count(*) - count(unlinked_at) AS files
FROM parts GROUP BY table_name, state ORDER BY table_name, state;

-- name: runs
SELECT state, count(*) AS runs FROM run_states GROUP BY state ORDER BY state;
