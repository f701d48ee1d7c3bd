-- name: end_leases
-- In a copy nobody is at work: what is under way here is that of a dead process there.
UPDATE leases SET released_at = taken_at WHERE released_at IS NULL;

-- name: end_parts
UPDATE parts SET boot = 'backup', heartbeat_at = 0 WHERE state = 'pending';

-- name: end_runs
UPDATE run_states SET boot = 'backup', heartbeat_at = 0 WHERE state = 'running';

-- name: end_journals
-- Journals stay in the home that is copied.
DELETE FROM trial_journals;
