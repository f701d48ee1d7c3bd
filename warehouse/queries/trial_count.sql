-- N of a lineage root: distinct trials over every study and process, roots merged into it
-- included, and the rows of shards that were intended and never committed. `lost` counts studies of
-- which the parts have not as many trials as their committed shards.
WITH family AS (
    SELECT root FROM lineages
    WHERE current_root = (SELECT current_root FROM lineages WHERE root = $lineage_root)
    UNION SELECT $lineage_root
)
SELECT
    (SELECT count(DISTINCT trial_key) FROM trials WHERE lineage_root IN (FROM family)) AS evaluated,
    (SELECT coalesce(sum(rows), 0)::BIGINT FROM shards
     WHERE state = 'intended' AND lineage_root IN (FROM family)) AS intended,
    (SELECT count(*)
     FROM (SELECT study_id, sum(rows) AS rows FROM shards
           WHERE state = 'live' AND lineage_root IN (FROM family) GROUP BY study_id) AS announced
     LEFT JOIN (SELECT study_id, count(*) AS rows FROM trials GROUP BY study_id) AS held
     USING (study_id)
     WHERE announced.rows IS DISTINCT FROM held.rows) AS lost
