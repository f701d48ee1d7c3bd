-- name: reserve
INSERT INTO parts (id, table_name, study_id, shard, state, rows, machine, boot, pid,
    process_start, heartbeat_at, created_at)
VALUES (:id, :table_name, :study_id, :shard, 'pending', :rows, :machine, :boot, :pid,
    :process_start, :now, :now);

-- name: commit
UPDATE parts SET state = 'live', bytes = :bytes, sha256 = :sha256, ended_at = :now
WHERE id = :id AND state = 'pending';

-- name: kill
UPDATE parts SET state = 'dead', ended_at = :now WHERE id = :id AND state = 'pending';

-- name: beat
UPDATE parts SET heartbeat_at = :now WHERE state = 'pending' AND machine = :machine
    AND boot = :boot AND pid = :pid AND process_start = :process_start;

-- name: pending
SELECT id, study_id, shard, machine, boot, pid, process_start, heartbeat_at FROM parts
WHERE state = 'pending' ORDER BY created_at, id;

-- name: pending_of_shard
SELECT id, study_id, shard, machine, boot, pid, process_start, heartbeat_at FROM parts
WHERE state = 'pending' AND study_id = :study_id AND shard = :shard ORDER BY id;

-- name: live
SELECT id, table_name, study_id, shard, rows, bytes, sha256 FROM parts
WHERE state = 'live' ORDER BY table_name, created_at, id;

-- name: replace
UPDATE parts SET state = 'dead', generation = :generation, replaced_by = :by, ended_at = :now
WHERE id = :id AND state = 'live';

-- name: kept
SELECT id FROM parts WHERE state IN ('pending', 'live');

-- name: dead
SELECT id, generation FROM parts WHERE state = 'dead' AND unlinked_at IS NULL ORDER BY id;

-- name: gone
-- Those whose files were unlinked.
SELECT id, generation FROM parts WHERE state = 'dead' AND unlinked_at IS NOT NULL;

-- name: get
SELECT * FROM parts WHERE id = :id;

-- name: unlinked
UPDATE parts SET unlinked_at = :now WHERE id = :id AND state = 'dead';

-- name: knows
SELECT count(*) AS parts FROM parts WHERE id = :id;
