-- name: overlapping
SELECT root, first_ts, last_ts FROM lineages
WHERE symbol = :symbol AND timeframe = :timeframe AND merged_into IS NULL
  AND first_ts <= :last_ts AND last_ts >= :first_ts
ORDER BY seq;

-- name: insert
INSERT INTO lineages (root, seq, symbol, timeframe, first_ts, last_ts, created_at)
VALUES (:root, (SELECT count(*) FROM lineages), :symbol, :timeframe, :first_ts, :last_ts, :now);

-- name: extend
UPDATE lineages SET first_ts = :first_ts, last_ts = :last_ts WHERE root = :root;

-- name: merge
UPDATE lineages SET merged_into = :older WHERE root = :younger OR merged_into = :younger;

-- name: all
SELECT root, coalesce(merged_into, root) AS current_root, symbol, timeframe, first_ts, last_ts
FROM lineages ORDER BY seq;
