-- The control database: a row here is the commit of whatever lies in files beside it.
-- Migrations are append-only: what has been released is never edited, a change is a new file.
-- The statements run on SQLite and on PostgreSQL. Times are microseconds since the epoch, UTC.
-- A statement ends with a semicolon at the end of a line.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Which bars are the same market and time; merged roots point at the oldest of them.
CREATE TABLE lineages (
    root TEXT PRIMARY KEY,
    seq BIGINT NOT NULL UNIQUE,
    symbol TEXT NOT NULL,
    timeframe TEXT NOT NULL,
    first_ts BIGINT NOT NULL,
    last_ts BIGINT NOT NULL,
    merged_into TEXT REFERENCES lineages (root),
    created_at BIGINT NOT NULL
);

CREATE INDEX lineages_market ON lineages (symbol, timeframe);

CREATE TABLE studies (
    study_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'completed')),
    symbol TEXT NOT NULL,
    timeframe TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    lineage_root TEXT NOT NULL REFERENCES lineages (root),
    strategy_hash TEXT NOT NULL,
    strategy_name TEXT NOT NULL,
    strategy TEXT NOT NULL,
    param_names TEXT NOT NULL,
    spec TEXT NOT NULL,
    total BIGINT NOT NULL,
    summary TEXT,
    created_at BIGINT NOT NULL,
    completed_at BIGINT
);

-- A shard is entered before its results can be seen, and stays counted if they never arrive.
CREATE TABLE shards (
    study_id TEXT NOT NULL REFERENCES studies (study_id),
    shard BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('intended', 'live')),
    rows BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    committed_at BIGINT,
    PRIMARY KEY (study_id, shard)
);

-- Immutable Parquet files. Dead rows stay, as the record of what was given up.
CREATE TABLE parts (
    id TEXT PRIMARY KEY,
    table_name TEXT NOT NULL,
    study_id TEXT,
    shard BIGINT,
    state TEXT NOT NULL CHECK (state IN ('pending', 'live', 'dead')),
    rows BIGINT NOT NULL,
    bytes BIGINT,
    sha256 TEXT,
    machine TEXT NOT NULL,
    boot TEXT NOT NULL,
    pid BIGINT NOT NULL,
    process_start BIGINT NOT NULL,
    heartbeat_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE UNIQUE INDEX parts_shard ON parts (study_id, shard, table_name) WHERE state <> 'dead';

CREATE INDEX parts_state ON parts (state, table_name);

-- Single backtests, a row each, until a compaction moves them into a part. An exact repeat (the
-- same trial on the same bars, period, cash and engine) is another look at the same row.
CREATE TABLE small_trials (
    id TEXT PRIMARY KEY,
    trial_index BIGINT NOT NULL UNIQUE,
    trial_key TEXT NOT NULL,
    lineage_root TEXT NOT NULL,
    strategy_hash TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('completed', 'failed', 'pruned')),
    param_names TEXT NOT NULL,
    param_values TEXT NOT NULL,
    metrics TEXT NOT NULL,
    behaviour_hash TEXT NOT NULL,
    looks BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_look_at BIGINT NOT NULL
);

CREATE INDEX small_trials_lineage ON small_trials (lineage_root);

-- One row a run; UNIQUE (chain_prev) makes two runs unable to follow the same one.
CREATE TABLE runs (
    seq BIGINT PRIMARY KEY,
    run_hash TEXT NOT NULL,
    engine TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    folder TEXT NOT NULL UNIQUE,
    symbol TEXT NOT NULL,
    timeframe TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    lineage_root TEXT NOT NULL,
    strategy_hash TEXT NOT NULL,
    strategy_name TEXT NOT NULL,
    config TEXT NOT NULL,
    metrics TEXT NOT NULL,
    manifest TEXT NOT NULL,
    manifest_hash TEXT NOT NULL,
    chain_prev TEXT NOT NULL UNIQUE,
    chain_hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    UNIQUE (run_hash, engine, engine_version)
);

-- What was attached to a run afterwards (reports); a new version is a new revision.
CREATE TABLE run_artifacts (
    run_seq BIGINT NOT NULL REFERENCES runs (seq),
    name TEXT NOT NULL,
    revision BIGINT NOT NULL,
    file TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (run_seq, name, revision)
);

CREATE TABLE verdicts (
    id TEXT PRIMARY KEY,
    name TEXT,
    profile TEXT,
    passed BIGINT,
    run_hash TEXT,
    study_id TEXT,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Results that are costly to compute and depend only on what their key hashes.
CREATE TABLE evaluations (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kind, key)
);
