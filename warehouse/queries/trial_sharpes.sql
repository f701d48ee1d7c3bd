-- Per-period Sharpe ratios over the distinct trials of a lineage root. A trial evaluated more
-- than once (on bars that were extended, say) counts with its largest value.
WITH family AS (
    SELECT root FROM lineages
    WHERE current_root = (SELECT current_root FROM lineages WHERE root = $lineage_root)
    UNION SELECT $lineage_root
)
SELECT max(sharpe_per_period) AS sharpe_per_period
FROM trials
WHERE lineage_root IN (FROM family)
GROUP BY trial_key
HAVING count(sharpe_per_period) > 0
ORDER BY trial_key
