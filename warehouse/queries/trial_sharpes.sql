-- Per-period Sharpe ratios of a lineage's trials: each study's own (place from 1; 0 for single
-- runs) and all of them together (place -1), where a trial counts once, with its largest value.
-- With a fingerprint, only studies that searched exactly those bars. Nothing here depends on the
-- order in which anything was evaluated.
WITH family AS (
    SELECT root FROM lineages
    WHERE current_root = (SELECT current_root FROM lineages WHERE root = $lineage_root)
    UNION SELECT $lineage_root
), numbered AS (
    SELECT study_id, fingerprint, row_number() OVER (ORDER BY study_id) AS place FROM studies
), looks AS (
    SELECT coalesce(n.place, 0) AS place, t.trial_key, t.sharpe_per_period
    FROM trials AS t
    LEFT JOIN numbered AS n USING (study_id)
    WHERE t.lineage_root IN (FROM family)
        AND ($fingerprint IS NULL OR n.fingerprint = $fingerprint)
        AND isfinite(t.sharpe_per_period)
)
SELECT coalesce(place, -1) AS place, max(sharpe_per_period) AS sharpe_per_period
FROM looks
GROUP BY GROUPING SETS ((place, trial_key), (trial_key))
ORDER BY place, sharpe_per_period
