-- name: overlapping
-- Roots of a symbol, merged ones too, with the one that each is now, the oldest of those first.
SELECT l.root, l.first_ts, l.last_ts, r.root AS current_root, r.seq
FROM lineages l JOIN lineages r ON r.root = coalesce(l.merged_into, l.root)
WHERE l.symbol = :symbol AND l.timeframe = :timeframe
  AND l.first_ts <= :last_ts AND l.last_ts >= :first_ts
ORDER BY r.seq, l.seq;

-- name: marked
-- Roots that hold some of these bars, whatever their symbol.
SELECT m.mark, r.root AS current_root, r.seq
FROM lineage_marks m JOIN lineages l ON l.root = m.root
JOIN lineages r ON r.root = coalesce(l.merged_into, l.root)
WHERE m.mark IN (:each);

-- name: spans
SELECT first_ts, last_ts FROM lineages
WHERE timeframe = :timeframe AND (root = :root OR merged_into = :root);

-- name: mark
INSERT INTO lineage_marks (mark, root) VALUES (:mark, :root) ON CONFLICT (mark, root) DO NOTHING;

-- name: insert_as
-- Another symbol of a root that is there.
INSERT INTO lineages (root, seq, symbol, timeframe, first_ts, last_ts, merged_into, created_at)
VALUES (:root, (SELECT count(*) FROM lineages), :symbol, :timeframe, :first_ts, :last_ts, :older,
    :now);

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
