-- Per-period Sharpe ratios over the distinct trials of a lineage root. A trial evaluated more
-- than once (in a walk-forward window, on bars that were extended) counts with its first value:
-- a later look must not change what the earlier ones were worth. Single runs come last.
WITH family AS (
    SELECT root FROM lineages
    WHERE current_root = (SELECT current_root FROM lineages WHERE root = $lineage_root)
    UNION SELECT $lineage_root
)
SELECT arg_min(
    t.sharpe_per_period, (coalesce(s.created_at, 'infinity'::TIMESTAMPTZ), t.study_id, t.trial_index)
) AS sharpe_per_period
FROM trials AS t
LEFT JOIN studies AS s USING (study_id)
WHERE t.lineage_root IN (FROM family)
GROUP BY trial_key
HAVING count(t.sharpe_per_period) > 0
ORDER BY trial_key
