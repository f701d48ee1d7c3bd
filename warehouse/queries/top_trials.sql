-- The best trials of a study by annualised Sharpe ratio; ties go to the lower index.
-- The winners are found in two columns first, so the other columns are read for them alone.
SELECT * FROM trials
WHERE study_id = $study_id AND trial_index IN (
    SELECT trial_index FROM trials
    WHERE study_id = $study_id AND state = 'completed' AND sharpe IS NOT NULL
    ORDER BY sharpe DESC, trial_index
    LIMIT $n
)
ORDER BY sharpe DESC, trial_index
