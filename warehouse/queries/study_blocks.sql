-- Block moments of a study, the columns that are asked for, in the order of its trials: those from
-- one index on, up to another (excluded).
SELECT trial_index, COLUMNS($columns)
FROM trial_blocks
WHERE study_id = $study_id AND trial_index >= $first AND trial_index < $stop
ORDER BY trial_index
