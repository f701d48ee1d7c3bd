-- Per-period Sharpe ratios of a lineage's trials: each study's own (place from 1; 0 for single
-- runs) and all of them together (place -1), where a trial counts once, with its largest value.
-- With a fingerprint, only studies that searched exactly those bars, and in the whole (place -1)
-- single runs over all of them: who tries many by hand and then searches few has looked at many.
-- Nothing here depends on the order in which anything was evaluated.
--
-- A pruned trial saw the first bars of its study alone, and a ratio over m returns scatters about
-- sqrt(n/m) times as widely as one over n. Without it V would be that of the survivors, too small;
-- as it is V would be that of short looks, too large. What does compare is the t-statistic, so it
-- enters as sharpe * sqrt(m/n), m/n by elapsed years: (1 + cagr)^years = 1 + total_return. Where
-- that says nothing (ruin, no gain at all) it enters as it is.
WITH family AS (
    SELECT root FROM lineages
    WHERE current_root = (SELECT current_root FROM lineages WHERE root = $lineage_root)
    UNION SELECT $lineage_root
), numbered AS (
    SELECT study_id, fingerprint, row_number() OVER (ORDER BY study_id) AS place FROM studies
), seen AS (
    SELECT trial_index, first_ts, last_ts FROM backtests WHERE fingerprint = $fingerprint
    UNION ALL
    SELECT NULL, first_ts, last_ts FROM studies WHERE fingerprint = $fingerprint
), singles AS (
    SELECT trial_index FROM seen WHERE trial_index IS NOT NULL
        AND first_ts = (SELECT min(first_ts) FROM seen)
        AND last_ts = (SELECT max(last_ts) FROM seen)
), looks AS (
    SELECT
        t.study_id, coalesce(n.place, 0) AS place, t.trial_key, t.sharpe_per_period,
        t.state = 'pruned' AS pruned,
        CASE WHEN t.total_return > -1 AND t.total_return != 0 AND t.cagr > -1 AND t.cagr != 0
            THEN ln(1 + t.total_return) / ln(1 + t.cagr) END AS years
    FROM trials AS t
    LEFT JOIN numbered AS n USING (study_id)
    WHERE t.lineage_root IN (FROM family)
        AND ($fingerprint IS NULL OR n.fingerprint = $fingerprint
            OR (t.study_id = 'backtest' AND t.trial_index IN (FROM singles)))
        AND isfinite(t.sharpe_per_period)
), lengths AS (
    SELECT study_id, median(years) AS whole FROM looks WHERE NOT pruned GROUP BY study_id
), comparable AS (
    SELECT
        place, trial_key,
        sharpe_per_period * CASE WHEN pruned AND isfinite(years / whole)
            THEN sqrt(greatest(least(years / whole, 1), 0)) ELSE 1 END AS sharpe_per_period
    FROM looks LEFT JOIN lengths USING (study_id)
)
SELECT coalesce(place, -1) AS place, max(sharpe_per_period) AS sharpe_per_period
FROM comparable
GROUP BY GROUPING SETS ((place, trial_key), (trial_key))
HAVING $fingerprint IS NULL OR place IS DISTINCT FROM 0
ORDER BY place, sharpe_per_period
