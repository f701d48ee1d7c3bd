"""A small warehouse of every kind of content, and what must be true of it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crew.work import ROWS, begin, commit, run_record, trial_row
from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

SHARDS_AT_HOME = 6
"""Shards that the study of `prepared` has when it is whole."""

CONTENTS = """
    select 'trials of ' || study_id as what, count(*) as n, sum(sharpe) as s from trials
        group by study_id
    union all select 'blocks', count(*), sum(sum1[3]) from trial_blocks
    union all select 'run ' || run_hash, count(*), sum(equity)
        from runs left join equity using (run_hash) where state = 'completed' group by run_hash
    union all select 'verdicts', count(*), null from verdicts
    union all select state, count(*), null from studies group by state
"""


def contents(home: Path) -> dict[str, tuple[int, float | None]]:
    """Count and add up what a reader sees who has nothing of his own to write."""
    reader = Warehouse(home)
    try:
        rows = reader.sql(CONTENTS, arrow=True).to_pylist()
    finally:
        reader.close()
    return {row["what"]: (row["n"], row["s"]) for row in rows}


def prepared(home: Path) -> tuple[Warehouse, str]:
    """A warehouse that holds two shards of six, three single trials, a run and a verdict."""
    warehouse = Warehouse(home)
    root, _ = begin(warehouse, "s", SHARDS_AT_HOME)
    for shard in (0, 1):
        commit(warehouse, "s", root, shard)
    for number in range(3):
        warehouse.record_trial(trial_row(root, number))
    warehouse.flush()
    warehouse.save_run(run_record(root, 0))
    warehouse.save_verdict({"name": "first"})
    return warehouse, root


def goes_on(warehouse: Warehouse, root: str) -> None:
    """Everything can be done, everything verifies, and nothing is left lying about."""
    warehouse.flush()
    live = warehouse.study("s").live
    for shard in range(SHARDS_AT_HOME):
        if shard not in live:
            commit(warehouse, "s", root, shard)
    warehouse.complete_study("s", {})
    warehouse.save_run(run_record(root, 90))
    warehouse.record_trial(trial_row(root, 90))
    warehouse.flush()
    warehouse.compact()
    warehouse.sweep()
    found = warehouse.verify()
    assert found.ok, found.findings
    rows = warehouse.sql(
        "select count(*) as n, count(distinct trial_index) as d, sum(sharpe) as s from trials "
        "where study_id = 's'"
    ).iloc[0]
    total = SHARDS_AT_HOME * ROWS
    assert rows.tolist() == [total, total, total * (total - 1) / 2]
    with warehouse.control.read() as transaction:
        parts = {f"{row['id']}.parquet" for row in transaction.rows("parts.live")}
    place = warehouse.home / "warehouse"
    assert {path.name for path in (place / "parts").iterdir()} == parts
    assert list((place / "tmp").iterdir()) == []
