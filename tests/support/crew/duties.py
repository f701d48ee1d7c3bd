"""What each member of the crew does until it is killed, or told to stop by a file named `stop`.

Each says a line for what the warehouse acknowledged, and nothing before it did.
"""

from __future__ import annotations

import random
import sys
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from crew.work import ROWS, SHARDS, begin, commit, run_hash, run_record, trial_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from hyprl_lab.store import Warehouse

PAGE_ROWS = 997


def write(warehouse: Warehouse) -> None:
    """Fill one study after the other: shards with blocks, single trials, runs and verdicts."""
    dice = random.Random()
    for number in count():
        study = f"s{number}"
        while _fill(warehouse, study, dice, singles=True):
            time.sleep(0.02)  # others have the rest
        say("study", number)


def finish(warehouse: Warehouse) -> None:
    """Commit what is missing of the studies that were begun, and complete them."""
    for study in warehouse.sql("select study_id from studies", arrow=True)["study_id"].to_pylist():
        while _fill(warehouse, study, random.Random(), singles=False):
            time.sleep(0.02)
    say("done")


def compact(warehouse: Warehouse) -> None:
    """Merge parts again and again."""
    from hyprl_lab.store.parts.leases import LeaseHeldError

    for _ in _until_told(warehouse):
        try:
            done = warehouse.compact()
        except LeaseHeldError:
            time.sleep(0.02)
            continue
        say("compacted", done.inputs, done.outputs, done.rows, done.small_rows)
        time.sleep(random.uniform(0.0, 0.1))


def sweep(warehouse: Warehouse) -> None:
    """Clear away again and again what nobody needs."""
    for _ in _until_told(warehouse):
        warehouse.sweep()
        say("swept")
        time.sleep(random.uniform(0.0, 0.1))


def read(warehouse: Warehouse) -> None:
    """Check every state that is seen: whole shards, each row once, never fewer than before."""
    seen = _Seen()
    for _ in _until_told(warehouse):
        seen.trials(
            warehouse.sql(
                """select study_id, count(*) as n, count(distinct trial_index) as distinct_n,
                    count(*) filter (sharpe <> behaviour_hash or sharpe <> param_values[1]) as torn
                from trials group by study_id""",
                arrow=True,
            )
        )
        seen.blocks(
            warehouse.sql(
                """select study_id, count(*) as n, count(distinct trial_index) as distinct_n,
                    count(*) filter (sum1[17] <> trial_index or trades[1] <> trial_index) as torn
                from trial_blocks group by study_id""",
                arrow=True,
            )
        )
        seen.runs(
            warehouse.sql(
                """select count(*) as n, count(distinct run_hash) as distinct_n,
                    count(*) filter (sharpe <> equity) as torn
                from (select run_hash, sharpe, max(equity) as equity, count(*) as points
                    from runs join equity using (run_hash) group by all having points = 3)""",
                arrow=True,
            )
        )
        say("read", seen.rows)


def page(warehouse: Warehouse) -> None:
    """Read all trials slowly, page by page, while what they lie in is merged and swept."""
    import pyarrow.compute as pc

    seen = 0
    for _ in _until_told(warehouse):
        pages, rows, keys = 0, 0, set()
        query = """select study_id, trial_index, sharpe, behaviour_hash from trials
            where study_id <> 'backtest'"""
        with warehouse.pages(query, rows=PAGE_ROWS) as tables:
            for table in tables:
                pages, rows = pages + 1, rows + len(table)
                keys |= set(
                    zip(
                        table["study_id"].to_pylist(), table["trial_index"].to_pylist(), strict=True
                    )
                )
                wrong = pc.not_equal(table["sharpe"], pc.cast(table["trial_index"], "float64"))
                assert not pc.any(wrong).as_py(), table.filter(wrong).to_pylist()
                time.sleep(0.02)
        assert rows == len(keys), (rows, len(keys))
        assert rows % ROWS == 0, rows
        assert rows >= seen, (rows, seen)
        seen = rows
        say("paged", rows, pages)


DUTIES: dict[str, Callable[[Warehouse], None]] = {
    "write": write,
    "finish": finish,
    "compact": compact,
    "sweep": sweep,
    "read": read,
    "page": page,
}


def say(*words: object) -> None:
    """Say a line, whole and at once."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


class _Seen:
    """What a reader saw, which never shrinks."""

    def __init__(self) -> None:
        self._trials: dict[str, int] = {}

    @property
    def rows(self) -> int:
        return sum(self._trials.values())

    def trials(self, table: pa.Table) -> None:
        found = _whole(table)
        assert found.keys() >= self._trials.keys(), (found, self._trials)
        for study, rows in self._trials.items():
            assert found[study] >= rows, (study, rows, found[study])
        self._trials = found

    def blocks(self, table: pa.Table) -> None:
        found = _whole(table)
        for study, rows in self._trials.items():  # seen before, in the same commits
            assert study == "backtest" or found[study] >= rows, (study, rows, found)

    def runs(self, table: pa.Table) -> None:
        row = table.to_pylist()[0]
        assert row["n"] == row["distinct_n"], row
        assert row["torn"] == 0, row


def _whole(table: pa.Table) -> dict[str, int]:
    found = {}
    for row in table.to_pylist():
        assert row["torn"] == 0, row
        assert row["n"] == row["distinct_n"], row
        assert row["study_id"] == "backtest" or row["n"] % ROWS == 0, row
        found[row["study_id"]] = row["n"]
    return found


def _fill(warehouse: Warehouse, study: str, dice: random.Random, *, singles: bool) -> bool:
    """Commit the shards of a study that are free; return whether others still have some."""
    from hyprl_lab.store import ShardHeldError, ShardLiveError

    root, state = begin(warehouse, study)
    if state.state == "completed":
        return False
    todo = [shard for shard in range(SHARDS) if shard not in state.live]
    dice.shuffle(todo)
    for shard in todo:
        try:
            commit(warehouse, study, root, shard)
        except (ShardHeldError, ShardLiveError):
            continue
        say("shard", study, shard)
        number = int(study[1:]) * SHARDS + shard
        if singles:
            warehouse.record_trial(trial_row(root, number))
            warehouse.flush()
            say("trial", number)
        if singles and shard % 5 == 0:
            warehouse.save_run(run_record(root, number // 10))
            say("run", run_hash(number // 10))
        if singles and shard % 6 == 0:
            say("verdict", warehouse.save_verdict({"name": "crew", "number": number}))
    if sum(warehouse.study(study).live.values()) < SHARDS * ROWS:
        return True
    warehouse.complete_study(study, {})
    return False


def _until_told(warehouse: Warehouse) -> Iterator[None]:
    stop = Path(warehouse.home) / "stop"
    while not stop.exists():
        yield
