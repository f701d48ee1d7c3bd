-- Some parameters of a study's trials, by their places (from 1), in order of the trials: those
-- from one index on, up to another (excluded).
SELECT list_select(param_values, $places::BIGINT[]) AS param_values
FROM trials
WHERE study_id = $study_id AND trial_index >= $first AND trial_index < $stop
ORDER BY trial_index
