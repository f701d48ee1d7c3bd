-- name: get
SELECT * FROM run_states
WHERE run_hash = :run_hash AND engine = :engine AND engine_version = :engine_version;

-- name: newest
SELECT * FROM run_states WHERE run_hash = :run_hash ORDER BY run_id DESC LIMIT 1;

-- name: list
SELECT * FROM run_states
WHERE state = coalesce(CAST(:state AS TEXT), state)
ORDER BY run_id DESC LIMIT :most;

-- name: insert
INSERT INTO run_states (run_id, run_hash, engine, engine_version, state, attempt, config, symbol,
    timeframe, fingerprint, strategy_hash, strategy_name, first_event, last_event, created_at,
    updated_at)
VALUES ((SELECT coalesce(max(run_id), -1) + 1 FROM run_states), :run_hash, :engine,
    :engine_version, 'queued', 0, :config, :symbol, :timeframe, :fingerprint, :strategy_hash,
    :strategy_name, 1, 0, :now, :now)
RETURNING *;

-- name: queue
UPDATE run_states SET state = 'queued', error = NULL WHERE run_id = :run_id;

-- name: start
UPDATE run_states SET state = 'running', attempt = attempt + 1, error = NULL, machine = :machine,
    boot = :boot, pid = :pid, process_start = :process_start, heartbeat_at = :now
WHERE run_id = :run_id
RETURNING attempt;

-- name: beat
UPDATE run_states SET heartbeat_at = :now WHERE run_id = :run_id;

-- name: end
UPDATE run_states SET state = :state, error = :error, machine = NULL, boot = NULL, pid = NULL,
    process_start = NULL, heartbeat_at = NULL
WHERE run_id = :run_id;

-- name: complete
UPDATE run_states SET state = 'completed', error = NULL,
    attempt = CASE WHEN attempt < 1 THEN 1 ELSE attempt END,
    machine = NULL, boot = NULL, pid = NULL, process_start = NULL, heartbeat_at = NULL
WHERE run_id = :run_id
RETURNING attempt;

-- name: count_event
UPDATE run_states SET last_event = last_event + 1,
    updated_at = CASE WHEN updated_at > CAST(:now AS BIGINT) THEN updated_at
        ELSE CAST(:now AS BIGINT) END
WHERE run_id = :run_id
RETURNING last_event, first_event, updated_at;

-- name: add_event
INSERT INTO run_events (run_id, seq, kind, body, created_at)
VALUES (:run_id, :seq, :kind, :body, :now);

-- name: events
SELECT seq, kind, body, created_at FROM run_events
WHERE run_id = :run_id AND seq > :after ORDER BY seq LIMIT :most;

-- name: forget_events
DELETE FROM run_events WHERE run_id = :run_id AND seq < :first;

-- name: move_first_event
UPDATE run_states SET first_event = :first WHERE run_id = :run_id AND first_event < :first;
