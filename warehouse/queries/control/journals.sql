-- name: committed
SELECT committed FROM trial_journals WHERE name = :name;

-- name: put
INSERT INTO trial_journals (name, committed) VALUES (:name, :committed)
ON CONFLICT (name) DO UPDATE SET committed = excluded.committed;

-- name: names
SELECT name FROM trial_journals ORDER BY name;

-- name: forget
DELETE FROM trial_journals WHERE name = :name;
