-- Some trials of a study, in order.
SELECT * FROM trials
WHERE study_id = $study_id AND trial_index IN (SELECT unnest($indices::BIGINT[]))
ORDER BY trial_index
