-- Who has seen bars of a lineage from one moment on: single backtests, openings by the gate, and
-- searches. A row each for one strategy (whose true), and the totals of every strategy (false).
--
-- A row that is older than what it saw may have seen them, so it counts. So does an older study,
-- unless it says that it held out everything from that moment on. A failed trial showed nothing.
WITH family AS (
    SELECT root FROM lineages
    WHERE current_root = (SELECT current_root FROM lineages WHERE root = $lineage_root)
    UNION SELECT $lineage_root
), singles AS (
    SELECT
        CASE WHEN purpose = 'gate' THEN 'opening' ELSE 'run' END AS kind,
        trial_index::VARCHAR AS id, strategy_hash, looks, last_ts IS NOT NULL AS known,
        created_at AS first_at, last_look_at AS last_at
    FROM backtests
    WHERE lineage_root IN (FROM family) AND state <> 'failed'
        AND (last_ts IS NULL OR epoch_us(last_ts) >= $start)
), searches AS (
    SELECT
        'search' AS kind, study_id AS id, strategy_hash, 1 AS looks, last_ts IS NOT NULL AS known,
        created_at AS first_at, coalesce(completed_at, created_at) AS last_at
    FROM studies
    WHERE lineage_root IN (FROM family) AND study_id IN (SELECT study_id FROM shards)
        AND CASE WHEN last_ts IS NULL
            THEN coalesce((spec ->> 'holdout_start')::BIGINT, $start + 1) > $start
            ELSE epoch_us(last_ts) >= $start END
), seen AS (
    FROM singles UNION ALL FROM searches
)
SELECT
    true AS own, kind, id, looks::BIGINT AS looks, known, epoch_us(first_at) AS first_at,
    epoch_us(last_at) AS last_at
FROM seen WHERE strategy_hash = $strategy_hash
UNION ALL
SELECT
    false, kind, NULL, sum(looks)::BIGINT, bool_and(known), epoch_us(min(first_at)),
    epoch_us(max(last_at))
FROM seen GROUP BY kind
ORDER BY own DESC, kind, first_at, id
