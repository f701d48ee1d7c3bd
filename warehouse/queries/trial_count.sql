-- N of a lineage root: distinct trials over every study and process, roots merged into it
-- included, and the rows of shards that were intended and never committed.
WITH family AS (
    SELECT root FROM lineages
    WHERE current_root = (SELECT current_root FROM lineages WHERE root = $lineage_root)
    UNION SELECT $lineage_root
)
SELECT
    (SELECT count(DISTINCT trial_key) FROM trials WHERE lineage_root IN (FROM family)) AS evaluated,
    (SELECT coalesce(sum(rows), 0)::BIGINT FROM shards
     WHERE state = 'intended' AND lineage_root IN (FROM family)) AS intended
