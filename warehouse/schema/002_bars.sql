-- Bars that are kept: a set is one Parquet part of its columns, and the row here that names it.
-- The same content under another symbol, timeframe or calendar is another set.

CREATE TABLE bar_sets (
    seq BIGINT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    ohlcv_fingerprint TEXT NOT NULL,
    symbol TEXT NOT NULL,
    timeframe TEXT NOT NULL,
    calendar TEXT NOT NULL,
    calendar_inferred BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    first_ts BIGINT NOT NULL,
    last_ts BIGINT NOT NULL,
    column_names TEXT NOT NULL,
    lineage TEXT NOT NULL,
    source TEXT NOT NULL,
    part_id TEXT NOT NULL UNIQUE REFERENCES parts (id),
    created_at BIGINT NOT NULL,
    UNIQUE (fingerprint, symbol, timeframe, calendar)
);

CREATE INDEX bar_sets_symbol ON bar_sets (symbol, timeframe);

-- Where a set came from when it was stored again by another way; `digest` is of both texts.
CREATE TABLE bar_sources (
    set_seq BIGINT NOT NULL REFERENCES bar_sets (seq),
    digest TEXT NOT NULL,
    lineage TEXT NOT NULL,
    source TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (set_seq, digest)
);
