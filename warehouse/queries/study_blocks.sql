-- Block moments of a study, the columns that are asked for, in the order of its trials.
SELECT trial_index, COLUMNS($columns)
FROM trial_blocks
WHERE study_id = $study_id
ORDER BY trial_index
