-- name: get
SELECT * FROM leases WHERE name = :name;

-- name: take
INSERT INTO leases (name, fence, machine, boot, pid, process_start, heartbeat_at, taken_at)
VALUES (:name, :fence, :machine, :boot, :pid, :process_start, :now, :now)
ON CONFLICT (name) DO UPDATE SET fence = excluded.fence, machine = excluded.machine,
    boot = excluded.boot, pid = excluded.pid, process_start = excluded.process_start,
    heartbeat_at = excluded.heartbeat_at, taken_at = excluded.taken_at, released_at = NULL;

-- name: beat
UPDATE leases SET heartbeat_at = :now WHERE name = :name AND fence = :fence;

-- name: beat_all
UPDATE leases SET heartbeat_at = :now WHERE released_at IS NULL AND machine = :machine
    AND boot = :boot AND pid = :pid AND process_start = :process_start;

-- name: release
UPDATE leases SET released_at = :now WHERE name = :name AND fence = :fence;

-- name: all
SELECT * FROM leases ORDER BY name;
