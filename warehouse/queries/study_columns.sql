-- Some columns of every trial of a study, in order.
SELECT COLUMNS($columns)
FROM trials
WHERE study_id = $study_id
ORDER BY trial_index
