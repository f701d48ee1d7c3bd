-- name: committed
SELECT committed FROM trial_journals WHERE name = :name;

-- name: put
INSERT INTO trial_journals (name, committed) VALUES (:name, :committed)
ON CONFLICT (name) DO UPDATE SET committed = excluded.committed;

-- name: all
SELECT name, committed FROM trial_journals ORDER BY name;

-- name: forget
-- Unless its process has committed more since it was read.
DELETE FROM trial_journals WHERE name = :name AND committed = :committed;
