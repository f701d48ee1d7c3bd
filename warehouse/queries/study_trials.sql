-- Every trial of a study, in order.
SELECT * FROM trials WHERE study_id = $study_id ORDER BY trial_index
