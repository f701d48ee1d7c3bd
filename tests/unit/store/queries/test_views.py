"""What the views hold, before a compaction and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq
import pytest
import run_records

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import TrialRow
from hyprl_lab.store.queries.views import quoted
from hyprl_lab.store.runs.run_state import Submitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from hyprl_lab.store import Warehouse


def one(number: float, name: str) -> TrialRow:
    return TrialRow(
        strategy_hash="h",
        risk={},
        execution={},
        lineage_root="r",
        params={"n": number},
        metrics=dict.fromkeys(TRIAL_METRICS, number) | {"calmar": None},
        behaviour_hash=2**64 - 1,
        id=name,
    )


def test_backtests_are_the_same_wherever_they_are(
    warehouse: Warehouse,
    tmp_path: Path,
    fill: Callable[[Warehouse, Iterable[int]], None],
    record: Callable[[Warehouse, Iterable[int]], None],
) -> None:
    fill(warehouse, [0, 1, 2])
    record(warehouse, range(5))
    record(warehouse, [3])  # another look
    views = ("trials", "backtests", "trial_blocks", "studies", "shards")
    before = {view: warehouse.sql(f"from {view} order by all", arrow=True) for view in views}
    assert len(before["trials"]) == 12 + 5
    assert before["backtests"]["looks"].to_pylist() == [1, 1, 1, 2, 1]
    assert before["backtests"]["param_names"][0].as_py() == ["m", "n"]
    warehouse.compact()
    assert warehouse.status().unmoved_trials == 0
    after = {view: warehouse.sql(f"from {view} order by all", arrow=True) for view in views}
    for view in views:
        assert after[view] == before[view], view
        assert after[view].schema == before[view].schema


def test_looks_go_on_after_a_move(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.record_trial(one(1.0, "a"))
    warehouse.flush()
    warehouse.compact()
    first = warehouse.sql("select looks, created_at, last_look_at from backtests").iloc[0]
    assert (first["looks"], first["created_at"]) == (1, first["last_look_at"])
    for name in ("a", "b", "a"):
        warehouse.record_trial(one(2.0, name))
        warehouse.flush()
    found = warehouse.sql("select * from backtests order by trial_index")
    assert found["looks"].tolist() == [3, 1]
    assert found["sharpe"].tolist() == [1.0, 2.0]
    assert found["last_look_at"][0] > found["created_at"][0] == first["created_at"]
    assert len(warehouse.sql("from trials")) == 2


def test_runs_have_every_state(warehouse: Warehouse, tmp_path: Path) -> None:
    states = warehouse.run_states
    shared = {"engine": "native", "engine_version": "native-1", "config": {"cash": 1.0}}
    named = {"symbol": "SPY", "timeframe": "1d", "fingerprint": "f"}
    named |= {"strategy_hash": "h", "strategy_name": "cross"}
    keys = [
        states.submit(Submitted(run_hash=name, **shared, **named)).key  # type: ignore[arg-type]
        for name in ("q1", "f1", "r1")
    ]
    attempt = states.start(keys[1])
    assert attempt is not None
    states.fail(attempt, "no bars")
    running = states.start(keys[2])
    warehouse.save_run(run_records.record("aa"))
    found = warehouse.sql("select * from runs order by run_hash").set_index("run_hash")
    assert found["state"].to_dict() == {
        "aa": "completed",
        "f1": "failed",
        "q1": "queued",
        "r1": "running",
    }
    assert found.loc["f1", "error"] == "no bars"
    assert found.loc["aa", ["seq", "sharpe", "seed"]].tolist() == [0, 1.25, 7]
    assert found.loc["aa", "environment_hash"] == run_records.record().environment_hash
    unknown = found.loc["q1", ["seq", "sharpe", "chain_hash", "manifest_hash", "lineage_root"]]
    assert all(pd.isna(value) for value in unknown)
    assert found["attempt"].to_dict() == {"aa": 1, "f1": 1, "q1": 0, "r1": 1}
    events = warehouse.sql("select run_hash, seq, kind from run_events where run_hash = 'f1'")
    assert events["seq"].tolist() == [1, 2, 3]
    assert events["kind"].tolist() == ["queued", "running", "failed"]
    assert running is not None


def test_the_chain_and_environments_can_be_asked(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.save_run(run_records.record("aa"))
    warehouse.save_verdict({"name": "p", "passed": True})
    chain = warehouse.sql("select seq, kind, subject, chain_prev, chain_hash from chain")
    assert chain["kind"].tolist() == ["run", "verdict"]
    assert chain["chain_prev"][1] == chain["chain_hash"][0]
    assert warehouse.head() == (2, chain["chain_hash"][1])
    bodies = warehouse.sql("select hash, body->>'python' as python from environments")
    assert bodies["hash"].tolist() == [run_records.record().environment_hash]
    assert bodies["python"].tolist() == [run_records.ENVIRONMENT["python"]]


def test_parts_of_before_a_column_have_null_there(
    warehouse: Warehouse, tmp_path: Path, fill: Callable[[Warehouse, Iterable[int]], None]
) -> None:
    """A part that was written when there were fewer columns is read beside a new one."""
    fill(warehouse, [0, 1])
    with warehouse._reader.held(("trials",)) as sources:
        old = sources.parts[0].address
    table = pq.read_table(old)
    pq.write_table(table.drop_columns(["sqn"]), old)
    from hyprl_lab.store.queries import locked, views

    views._columns.cache_clear()
    connection = locked.locked(sources)
    rows = connection.execute("select sqn is null, count(*) from trials group by all").fetchall()
    assert sorted(rows) == [(False, 4), (True, 4)]
    connection.close()
    views._columns.cache_clear()


def test_volume_is_null_where_bars_have_none(
    warehouse: Warehouse, tmp_path: Path, make_bars: Callable[..., object]
) -> None:
    from hyprl_lab.data import Bars

    bars = make_bars(0, 3)
    plain = {name: values for name, values in bars.columns.items() if name != "volume"}  # type: ignore[attr-defined]
    without = Bars.from_pandas(
        pd.DataFrame(plain, index=pd.to_datetime(bars.ts, unit="us", utc=True)),  # type: ignore[attr-defined]
        symbol="PLAIN",
        timeframe="1d",
        calendar="24/7",
    )
    warehouse.save_bars(bars)  # type: ignore[arg-type]
    warehouse.save_bars(without)
    found = warehouse.sql("select symbol, count(volume) as n from bars group by all order by all")
    assert found["n"].tolist() == [0, 3]


@pytest.mark.parametrize("what", ["trials", "_waiting_backtests", "_runs"])
def test_nothing_can_be_put_into_a_view(warehouse: Warehouse, tmp_path: Path, what: str) -> None:
    query = f"with x as (insert into {what} select * from {what} returning *) select * from x"
    with pytest.raises((InputError, NotFoundError)):
        warehouse.sql(f"{query}, trials")


def test_quotes() -> None:
    assert quoted("/a/it's [b] *") == "'/a/it''s [b] *'"
