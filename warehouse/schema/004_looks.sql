-- What an evaluation saw, which lines of a process's journal are committed, and by which bars a
-- lineage is known again under another name.

-- first_ts, last_ts: opens of the first and last bar simulated; fingerprint: of the bars; purpose:
-- `run`, or `gate` where the gate opened a holdout. Null for rows that are older.
ALTER TABLE small_trials ADD COLUMN first_ts BIGINT;
ALTER TABLE small_trials ADD COLUMN last_ts BIGINT;
ALTER TABLE small_trials ADD COLUMN fingerprint TEXT;
ALTER TABLE small_trials ADD COLUMN purpose TEXT;

-- first_ts, last_ts: opens of the first and last bar that was searched; null for older studies.
ALTER TABLE studies ADD COLUMN first_ts BIGINT;
ALTER TABLE studies ADD COLUMN last_ts BIGINT;

-- How far a journal of single backtests is committed: rows up to this number are in small_trials,
-- put there by the transaction that wrote this. A row goes when its files are gone.
CREATE TABLE trial_journals (
    name TEXT PRIMARY KEY,
    committed BIGINT NOT NULL
);

-- Some bars of a lineage: 63 bits over time, timeframe and prices of each. Bars of another symbol
-- that hold the same ones are the same market under another name.
CREATE TABLE lineage_marks (
    mark BIGINT NOT NULL,
    root TEXT NOT NULL REFERENCES lineages (root),
    PRIMARY KEY (mark, root)
);
