"""A power cut at every point: the home opens, and holds exactly what was acknowledged.

All that the store does to the disk and to the control database is recorded while it works, and
replayed cut off at each entry, with every choice that a file system has (see
tests/support/replay). What was acknowledged is there, the one step in flight whole or not at all,
verification finds nothing, a sweep leaves nothing behind, and the work goes on.
"""

from __future__ import annotations

import os
import random
import shutil
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from replay import Recorder, states

from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import RunRecord, TrialRow, Warehouse, equity_schema, trades_schema
from hyprl_lab.store.control import writer
from hyprl_lab.store.runs import checkpoint, retention
from hyprl_lab.store.trials import recorder as trial_recorder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from replay import State

    from hyprl_lab.data import Bars
    from hyprl_lab.strategy import Strategy

pytestmark = pytest.mark.sqlite_only

SAMPLE = 60
"""So many states in the short form; the long one takes them all."""

SEED = "HYPRL_REPLAY_SEED"
"""The variable that names the choices again which a failure has printed."""

Step = "Callable[[Warehouse], object]"
DAY_US = 86_400_000_000


@pytest.fixture(scope="module")
def bars() -> Bars:
    import pandas as pd

    from hyprl_lab.data import Bars

    close = 100.0 + np.sin(np.arange(30))
    frame = pd.DataFrame(
        {"open": close, "high": close + 1, "low": close - 1, "close": close, "volume": 1.0},
        index=pd.date_range("2020-01-01", periods=30, freq="D", tz="UTC", name="ts"),
    )
    return Bars.from_pandas(frame, symbol="SPY", timeframe="1d", calendar="24/7")


@cache
def crossing() -> Strategy:
    from hyprl_lab.strategy import Strategy, close, param, ta

    average = ta.sma(close, param("n", 5, 50))
    return Strategy(
        "cross", long_entry=close.crosses_above(average), long_exit=close.crosses_below(average)
    )


class Work:
    """What a session may do, a step after the other; each step may be done again."""

    def __init__(self, bars: Bars, report: Path) -> None:
        self.bars = bars
        self.report = report
        self.steps: list[tuple[str, Callable[[Warehouse], object]]] = [
            ("a study", self.open_study),
            ("a shard", lambda warehouse: self.shard(warehouse, 0)),
            ("single trials", lambda warehouse: self.trials(warehouse, [1, 2, 3])),
            ("another shard", lambda warehouse: self.shard(warehouse, 1)),
            ("the end of the study", lambda warehouse: warehouse.complete_study("s", {"best": 1})),
            ("a run", lambda warehouse: self.run(warehouse, "aa")),
            ("a report", self.attach),
            ("a verdict", lambda warehouse: warehouse.save_verdict({"name": "v", "passed": False})),
            ("bars", lambda warehouse: warehouse.save_bars(self.bars)),
            ("a compaction", lambda warehouse: warehouse.compact()),
            ("a sweep", lambda warehouse: warehouse.sweep()),
            ("more trials", lambda warehouse: self.trials(warehouse, [4])),
            ("another run", lambda warehouse: self.run(warehouse, "bb")),
            ("retention", self.retain),
            ("a sweep of files", lambda warehouse: warehouse.sweep()),
            ("another compaction", lambda warehouse: warehouse.compact()),
            ("a last run", lambda warehouse: self.run(warehouse, "cc")),
        ]

    def open_study(self, warehouse: Warehouse) -> None:
        root = warehouse.lineage_root(self.bars)
        warehouse.open_study(
            "s", spec={}, bars=self.bars, lineage_root=root, strategy=crossing(), total=8
        )

    def shard(self, warehouse: Warehouse, shard: int) -> None:
        from hyprl_lab.store import blocks_table, trials_table

        index = np.arange(4 * shard, 4 * shard + 4)
        keys = np.zeros((4, 16), np.uint8)
        keys[:, 0] = index
        trials = trials_table(
            study_id="s",
            first_index=4 * shard,
            keys=keys,
            lineage_root="r",
            param_values=index[:, None].astype(float),
            metrics={name: index.astype(float) for name in TRIAL_METRICS},
            behaviour_hash=index.astype(np.uint64),
        )
        blocks = np.broadcast_to(index[:, None, None], (4, 17, 6)).astype(float)
        reservation = warehouse.reserve_shard("s", shard, 4)
        warehouse.commit_shard(
            reservation, trials, blocks_table(study_id="s", first_index=4 * shard, blocks=blocks)
        )

    def trials(self, warehouse: Warehouse, numbers: list[int]) -> None:
        for number in numbers:
            warehouse.record_trial(
                TrialRow(
                    strategy_hash="h",
                    risk={},
                    execution={},
                    lineage_root="r",
                    params={"n": float(number)},
                    metrics=dict.fromkeys(TRIAL_METRICS, float(number)),
                    behaviour_hash=number,
                    id=f"id{number}",
                )
            )
        warehouse.flush()

    def run(self, warehouse: Warehouse, run_hash: str) -> None:
        stamp = pa.array([0], pa.timestamp("us", "UTC"))
        equity = pa.table({"ts": stamp, "equity": [1.0]})
        assert equity.num_columns == len(equity_schema()) - 1
        warehouse.save_run(
            RunRecord(
                run_hash=run_hash * 32,
                engine="native",
                engine_version="1",
                config={"cash": 1.0},
                metrics={"sharpe": 1.0},
                trades=trades_schema().empty_table(),
                equity=equity,
                symbol="SPY",
                timeframe="1d",
                fingerprint="f",
                lineage_root="r",
                strategy_hash="h",
                strategy_name="n",
            )
        )

    def retain(self, warehouse: Warehouse) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(retention.VARIABLE, "1")
            retention.retain(warehouse._claims)

    def attach(self, warehouse: Warehouse) -> None:
        warehouse.add_artifact("aa" * 32, "report.html", self.report)


ROWS = {
    "trials": "study_id, trial_index, hex(trial_key) k, sharpe, param_values, behaviour_hash",
    "trial_blocks": "study_id, trial_index, sum1, turnover, trades",
    "backtests": "trial_index, looks",
    "studies": "study_id, state, total, summary",
    "runs": "run_hash, state, sharpe",
    "equity": "run_hash, equity",
    "verdicts": "name, passed",
    "bars": "symbol, ts, close",
}
EVERYTHING = "select " + ", ".join(
    f"(select list(r order by r) from (select {columns} from {view}) r) as {view}"
    for view, columns in ROWS.items()
)


def contents(warehouse: Warehouse) -> list[Any]:
    """What the warehouse holds, without times and what hangs on them."""
    found: list[Any] = warehouse.sql(EVERYTHING, arrow=True).to_pylist()
    with warehouse.control.read() as transaction:
        runs = transaction.rows("runs.all")
        found.extend(
            [run["run_hash"], entry["name"], entry["sha256"]]
            for run in runs
            for entry in transaction.rows("runs.artifacts", run_seq=run["seq"])
        )
    return found


@pytest.fixture(scope="module")
def recorded(bars: Bars, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The record, the work, what the warehouse held after each step, and how many links."""
    folder = tmp_path_factory.mktemp("recorded")
    report = folder / "report.html"
    report.write_text("<p>report</p>")
    work = Work(bars, report)
    home = folder / "home"
    (home / "keys").mkdir(parents=True)  # private keys are not written through the disk seam
    after: list[list[Any]] = []
    links: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        _work_before_the_crash(patch)
        recorder = Recorder(home, patch)
        warehouse = Warehouse(home)
        empty = contents(warehouse)
        for step, (_, call) in enumerate(work.steps):
            call(warehouse)
            recorder.acknowledge(step)
            after.append(contents(warehouse))
            links.append(warehouse.head()[0])
        warehouse.close()
    return recorder.log, work, [*after, empty], [*links, 0]  # step -1 is the empty one


def _work_before_the_crash(patch: pytest.MonkeyPatch) -> None:
    """Let all that is written be by a process of an earlier boot."""
    plain = writer._writer
    patch.setattr(writer, "_writer", cache(lambda pid: replace(plain(pid), boot="before")))
    patch.setattr(trial_recorder, "GATHER_SECONDS", 600.0)  # only `flush` commits: one step, one
    patch.setenv(retention.VARIABLE, "all")


def check(state: State, home: Path, work: Work, after: list[list[Any]], links: list[int]) -> None:
    """Open a home after the power cut, look at it, and go on."""
    state.build(home)
    signed = checkpoint.read(home)
    assert (signed.seq if signed else 0) >= links[state.step], "what was acknowledged is signed"
    warehouse = Warehouse(home)
    try:
        found = contents(warehouse)
        before, then = after[state.step], after[min(state.step + 1, len(work.steps) - 1)]
        assert found in (before, then), "neither what was acknowledged nor one step more"
        verification = warehouse.verify()
        assert verification.ok, verification.findings
        warehouse.sweep()
        with warehouse.control.read() as transaction:
            live = {part.name for part in warehouse._parts.live(transaction)}
        assert {path.name for path in (home / "warehouse" / "parts").iterdir()} == live
        assert list((home / "warehouse" / "tmp").iterdir()) == []
        if found != then:
            work.steps[state.step + 1][1](warehouse)
        warehouse.compact()
        assert contents(warehouse) == then
        status, verification = warehouse.status(), warehouse.verify()
        assert verification.ok, verification.findings
        assert (status.pending_parts, status.small_trials) == (0, len(then[0]["backtests"] or []))
    finally:
        warehouse.close()


def replay(recorded: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, most: int | None) -> None:
    log, work, after, links = recorded
    seed = int(os.environ.get(SEED) or random.randrange(2**32))
    dice = random.Random(seed)
    found = list(states(log, dice))
    chosen = found if most is None else sorted(dice.sample(range(len(found)), most))
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # nothing is cut off any more
    monkeypatch.setenv(retention.VARIABLE, "all")
    for place in range(len(found)) if most is None else chosen:
        home = folder / str(place)
        try:
            check(found[place], home, work, after, links)
        except BaseException:
            print(
                f"{SEED}={seed}, state {place} of {len(found)}, {found[place].where}; the home as "
                f"it was left: {home}"
            )
            raise
        shutil.rmtree(home)
    print(f"{len(log)} entries, {len(found)} states")


def test_a_power_cut_at_any_point(
    recorded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay(recorded, tmp_path, monkeypatch, SAMPLE)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_power_cut_at_every_point(
    recorded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replay(recorded, tmp_path, monkeypatch, None)
