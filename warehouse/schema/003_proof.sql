-- What proves and shares the warehouse: digests of content, leases, generations, one chain over
-- everything that is claimed, states and events of runs, and the environment they ran in.

-- A shard's rows have digests of their content, which no compaction changes (see
-- hyprl_lab.store.trials.digests); null for shards that are older. Its trials are
-- first_index … first_index + rows - 1.
ALTER TABLE shards ADD COLUMN first_index BIGINT;
ALTER TABLE shards ADD COLUMN trials_digest TEXT;
ALTER TABLE shards ADD COLUMN blocks_digest TEXT;

-- digest: over the digests of the shards in their order, set when the study is complete.
ALTER TABLE studies ADD COLUMN code_version TEXT;
ALTER TABLE studies ADD COLUMN environment_hash TEXT;
ALTER TABLE studies ADD COLUMN digest TEXT;

-- generation: of a part that was live, the one that its death began (meta.generation counts them);
-- its file is kept while a reader is pinned to an earlier one. unlinked_at: when the file went.
ALTER TABLE parts ADD COLUMN generation BIGINT;
ALTER TABLE parts ADD COLUMN replaced_by TEXT;
ALTER TABLE parts ADD COLUMN unlinked_at BIGINT;

-- A row that was moved into a part keeps its id and its looks; param_names, param_values and
-- metrics are empty here from then on.
ALTER TABLE small_trials ADD COLUMN part_id TEXT REFERENCES parts (id);

CREATE INDEX small_trials_waiting ON small_trials (trial_index) WHERE part_id IS NULL;

CREATE INDEX small_trials_again ON small_trials (id) WHERE part_id IS NOT NULL AND looks > 1;

CREATE INDEX parts_unlinked ON parts (state, id) WHERE state = 'dead' AND unlinked_at IS NULL;

-- Who may do what only one may do at a time. The fence grows with each holder.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    fence BIGINT NOT NULL,
    machine TEXT NOT NULL,
    boot TEXT NOT NULL,
    pid BIGINT NOT NULL,
    process_start BIGINT NOT NULL,
    heartbeat_at BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    released_at BIGINT
);

-- What runs were made with, by the SHA-256 of its RFC 8785 JSON.
CREATE TABLE environments (
    hash TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

ALTER TABLE runs ADD COLUMN code_version TEXT;
ALTER TABLE runs ADD COLUMN environment_hash TEXT;
ALTER TABLE runs ADD COLUMN seed BIGINT;

-- One chain over all that is claimed: a run (its manifest), an artifact that was added, files that
-- were removed, a verdict, a completed study. body is RFC 8785 JSON; body_hash its SHA-256;
-- chain_hash the SHA-256 of the bytes of chain_prev and body_hash. No two links follow the same one.
CREATE TABLE chain (
    seq BIGINT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('run', 'artifact', 'removal', 'verdict', 'study')),
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    chain_prev TEXT NOT NULL UNIQUE,
    chain_hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE INDEX chain_subject ON chain (kind, subject);

INSERT INTO chain (seq, kind, subject, body, body_hash, chain_prev, chain_hash, created_at)
SELECT seq, 'run', run_hash, manifest, manifest_hash, chain_prev, chain_hash, created_at FROM runs;

-- Files of a run that retention gave up; the file is kept while a reader is pinned to an earlier
-- generation. The run's manifest, config and metrics stay.
CREATE TABLE removals (
    run_seq BIGINT NOT NULL REFERENCES runs (seq),
    file TEXT NOT NULL,
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    unlinked_at BIGINT,
    PRIMARY KEY (run_seq, file)
);

-- What becomes of a run, from its submission on; a completed one has a row in `runs` as well.
-- attempt counts those who started it, and fences off all but the last.
CREATE TABLE run_states (
    run_id BIGINT PRIMARY KEY,
    run_hash TEXT NOT NULL,
    engine TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    attempt BIGINT NOT NULL,
    config TEXT NOT NULL,
    symbol TEXT NOT NULL,
    timeframe TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    strategy_hash TEXT NOT NULL,
    strategy_name TEXT NOT NULL,
    error TEXT,
    first_event BIGINT NOT NULL,
    last_event BIGINT NOT NULL,
    machine TEXT,
    boot TEXT,
    pid BIGINT,
    process_start BIGINT,
    heartbeat_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (run_hash, engine, engine_version)
);

INSERT INTO run_states (run_id, run_hash, engine, engine_version, state, attempt, config, symbol,
    timeframe, fingerprint, strategy_hash, strategy_name, first_event, last_event, created_at,
    updated_at)
SELECT seq, run_hash, engine, engine_version, state, 1, config, symbol, timeframe, fingerprint,
    strategy_hash, strategy_name, 1, 0, created_at, created_at FROM runs;

-- What happened to a run, numbered from 1 without a gap; first_event of its state is the oldest
-- that was kept. body is JSON.
CREATE TABLE run_events (
    run_id BIGINT NOT NULL REFERENCES run_states (run_id),
    seq BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN
        ('queued', 'running', 'progress', 'artifact', 'completed', 'failed', 'cancelled')),
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (run_id, seq)
);

-- A home with claims that are older than the chain: they get links, and the first checkpoint is
-- signed, when it is next opened.
INSERT INTO meta (key, value)
SELECT 'unclaimed', 'yes' WHERE EXISTS (SELECT 1 FROM runs) OR EXISTS (SELECT 1 FROM verdicts);
