-- name: get
SELECT * FROM bar_sets
WHERE fingerprint = :fingerprint AND symbol = :symbol
    AND timeframe = :timeframe AND calendar = :calendar;

-- name: insert
INSERT INTO bar_sets (seq, fingerprint, ohlcv_fingerprint, symbol, timeframe, calendar,
    calendar_inferred, rows, first_ts, last_ts, column_names, lineage, source, part_id, created_at)
VALUES ((SELECT count(*) FROM bar_sets), :fingerprint, :ohlcv_fingerprint, :symbol, :timeframe,
    :calendar, :calendar_inferred, :rows, :first_ts, :last_ts, :column_names, :lineage, :source,
    :part_id, :now);

-- name: all
SELECT s.*, (SELECT count(*) FROM bar_sources f WHERE f.set_seq = s.seq) + 1 AS sources
FROM bar_sets s ORDER BY s.seq;

-- name: of_symbol
SELECT s.*, (SELECT count(*) FROM bar_sources f WHERE f.set_seq = s.seq) + 1 AS sources
FROM bar_sets s WHERE s.symbol = :symbol ORDER BY s.seq;

-- name: starting
SELECT s.*, (SELECT count(*) FROM bar_sources f WHERE f.set_seq = s.seq) + 1 AS sources
FROM bar_sets s
WHERE substr(s.fingerprint, 1, length(:start)) = :start ORDER BY s.seq;

-- name: part
SELECT bytes, sha256 FROM parts WHERE id = :part_id AND state = 'live';

-- name: add_source
INSERT INTO bar_sources (set_seq, digest, lineage, source, created_at)
VALUES (:set_seq, :digest, :lineage, :source, :now)
ON CONFLICT (set_seq, digest) DO NOTHING;

-- name: sources
SELECT lineage, source, created_at FROM bar_sources
WHERE set_seq = :set_seq ORDER BY created_at, digest;
