-- Some columns of a study's trials, in order: those from one index on, up to another (excluded).
SELECT COLUMNS($columns)
FROM (SELECT *, state = 'completed' AS completed FROM trials WHERE study_id = $study_id)
WHERE trial_index >= $first AND trial_index < $stop
ORDER BY trial_index
