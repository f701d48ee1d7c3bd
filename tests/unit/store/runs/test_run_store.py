from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from run_records import ENVIRONMENT, orders, record

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.hashing import digest
from hyprl_lab.store import Warehouse, trades_schema
from hyprl_lab.store.runs.run_state import AttemptLostError
from hyprl_lab.store.tables import trades_table

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

FILES = ("config.json", "metrics.json", "trades.parquet", "equity.parquet", "manifest.json")


def test_a_run_is_found_as_it_was_stored(warehouse: Warehouse) -> None:
    assert warehouse.save_run(record())
    run = warehouse.get_run("aa")
    assert run.folder == warehouse.home / "artifacts" / "aa"
    assert sorted(path.name for path in run.folder.iterdir()) == sorted(FILES)
    assert run.config == {"cash": 10_000, "seed": 0}
    assert run.metrics == {"sharpe": 1.25, "calmar": None, "trades": 2}
    assert (run.seq, run.state, run.engine, run.symbol) == (0, "completed", "native", "SPY")
    pd.testing.assert_series_equal(
        run.equity(), record().equity, check_freq=False, check_index_type=False
    )
    trades = run.trades()
    assert trades["pnl"].tolist() == [2.0, -1.0]
    assert trades["stop_price"].isna().tolist() == [True, False]
    assert (run.folder / "config.json").read_bytes() == b'{"cash":10000,"seed":0}'
    assert json.loads((run.folder / "metrics.json").read_bytes())["reasons"] == {
        "calmar": "there was no drawdown"
    }
    assert warehouse.verify_runs("aa").findings == ()


def test_views_of_runs(warehouse: Warehouse) -> None:
    for run_hash in ("aa", "bb"):
        warehouse.save_run(record(run_hash))
    runs = warehouse.sql("select run_hash, sharpe, calmar, trades, kelly from runs order by seq")
    assert runs["run_hash"].tolist() == ["aa", "bb"]
    assert runs["sharpe"].tolist() == [1.25, 1.25]
    assert runs[["calmar", "kelly"]].isna().all(axis=None)
    found = warehouse.sql(
        "select run_hash, count(*) as n, sum(pnl) as pnl from trades group by all order by 1"
    )
    assert found.to_numpy().tolist() == [["aa", 2, 1.0], ["bb", 2, 1.0]]
    equity = warehouse.sql("select * from equity where run_hash = ? order by ts", ["bb"])
    assert equity["equity"].tolist() == [100.0, 102.0, 101.0]
    assert equity["ts"].iloc[0] == pd.Timestamp("2020-01-01", tz="UTC")


def test_orders_are_kept_with_the_run(warehouse: Warehouse) -> None:
    warehouse.save_run(record(orders=orders()))
    run = warehouse.get_run("aa")
    pd.testing.assert_frame_equal(run.orders(), orders())
    assert warehouse.verify_runs("aa").findings == ()
    found = warehouse.sql("select run_hash, why, price from orders order by ts")
    assert found["run_hash"].tolist() == ["aa", "aa"]
    assert found["why"].tolist() == ["not_reached", ""]
    assert found["price"].isna().tolist() == [True, False]


def test_runs_from_before_orders_and_excursions_are_read(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run as the first schema stored it: ten columns of a trade, no file of orders."""

    def old(run_hash: str, trades: pd.DataFrame) -> pa.Table:
        return trades_table(run_hash, trades).select(range(11))

    with monkeypatch.context() as patch:
        patch.setattr("hyprl_lab.store.runs.run_store.trades_table", old)
        warehouse.save_run(record("old"))
    only_old = warehouse.sql("select * from trades order by entry_ts")
    assert only_old.columns.tolist() == trades_schema().names
    assert only_old["mae"].isna().all()
    assert len(warehouse.sql("select * from orders")) == 0

    warehouse.save_run(record("new", orders=orders()))
    both = warehouse.sql("select run_hash, pnl, mae, bars_held from trades order by 1, pnl")
    assert both["run_hash"].tolist() == ["new", "new", "old", "old"]
    assert both["pnl"].tolist() == [-1.0, 2.0, -1.0, 2.0]
    assert both["mae"].tolist()[:2] == [-0.2, -0.1]
    assert both[["mae", "bars_held"]][2:].isna().all(axis=None)
    assert warehouse.sql("select count(*) as n from orders")["n"].tolist() == [2]

    run = warehouse.get_run("old")
    assert run.trades().columns.tolist() == trades_schema().names[1:]
    assert run.trades()["pnl"].tolist() == [2.0, -1.0]
    assert run.trades()["r_multiple"].isna().all()
    with pytest.raises(NotFoundError, match="stored without its orders"):
        run.orders()
    assert warehouse.verify_runs("old").findings == ()


def test_the_same_run_is_stored_once(warehouse: Warehouse) -> None:
    assert warehouse.save_run(record())
    before = (warehouse.get_run("aa").folder / "manifest.json").stat()
    assert not warehouse.save_run(record())
    assert (warehouse.get_run("aa").folder / "manifest.json").stat() == before
    assert list((warehouse.home / "warehouse" / "tmp").iterdir()) == []


def test_another_engine_version_is_a_run_of_its_own(warehouse: Warehouse) -> None:
    assert warehouse.save_run(record())
    assert warehouse.save_run(record(engine_version="native-2"))
    assert warehouse.get_run("aa").engine_version == "native-2"
    first = warehouse.get_run("aa", "native-1")
    assert first.folder != warehouse.get_run("aa").folder
    assert warehouse.verify_runs("aa").findings == ()
    assert len(warehouse.list_runs()) == 2
    assert len(warehouse.sql("select * from equity")) == 3  # the newest alone


def test_both_engines_of_one_version_are_kept(warehouse: Warehouse, tmp_path: Path) -> None:
    both = {name: record(engine=name, engine_version="0.1.0") for name in ("native", "python")}
    assert [warehouse.save_run(run) for run in both.values()] == [True, True]
    assert not warehouse.save_run(both["native"])
    assert [run.engine for run in warehouse.list_runs()] == ["native", "python"]
    rows = warehouse.sql("select engine, engine_version from runs order by seq")
    assert rows.to_numpy().tolist() == [["native", "0.1.0"], ["python", "0.1.0"]]
    report = tmp_path / "made.html"
    for name in both:
        found = warehouse.get_run("aa", "0.1.0", name)
        assert found.engine == warehouse.get_run("aa", engine=name).engine == name
        assert json.loads((found.folder / "manifest.json").read_bytes())["engine"] == name
        report.write_text(name)
        kept = warehouse.add_artifact("aa", "report.html", report, "0.1.0", name)
        assert (kept.parent, kept.name) == (found.folder, "report.html")
    assert warehouse.get_run("aa").engine == "python"  # the newest
    assert (warehouse.get_run("aa", engine="native").folder / "report.html").read_text() == "native"
    with pytest.raises(NotFoundError, match=r"no run aa by engine rust 0\.1\.0 in"):
        warehouse.get_run("aa", "0.1.0", "rust")
    assert warehouse.verify_runs().findings == ()


def test_many_processes_and_threads_make_one_run(warehouse: Warehouse) -> None:
    home = warehouse.home
    pids = []
    for _ in range(4):
        pid = os.fork()
        if not pid:
            status = 1
            try:
                with ThreadPoolExecutor(4) as pool:
                    made = sum(pool.map(lambda _: Warehouse(home).save_run(record()), range(4)))
                status = 10 + made
            finally:
                os._exit(status)
        pids.append(pid)
    made = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) - 10 for pid in pids]
    assert sorted(made) == [0, 0, 0, 1]
    assert [run.run_hash for run in warehouse.list_runs()] == ["aa"]
    assert [path.name for path in (home / "artifacts").iterdir()] == ["aa"]
    assert list((home / "warehouse" / "tmp").iterdir()) == []
    assert warehouse.verify_runs("aa").findings == ()


def test_a_folder_whose_writer_died_makes_way(warehouse: Warehouse) -> None:
    orphan = warehouse.home / "artifacts" / "aa"
    orphan.mkdir(parents=True)
    (orphan / "config.json").write_text("half")
    assert warehouse.save_run(record())
    assert warehouse.verify_runs("aa").findings == ()


def test_unknown_runs(warehouse: Warehouse) -> None:
    with pytest.raises(NotFoundError, match="no run aa in"):
        warehouse.get_run("aa")
    warehouse.save_run(record())
    with pytest.raises(NotFoundError, match="no run aa by engine other in"):
        warehouse.get_run("aa", "other")


def test_a_bad_record_leaves_nothing(warehouse: Warehouse) -> None:
    with pytest.raises(InputError, match="metric sharpe is inf"):
        warehouse.save_run(record(metrics={"sharpe": float("inf")}))
    with pytest.raises(InputError, match="can't be written as JSON"):
        warehouse.save_run(record(config={"x": float("nan")}))
    assert warehouse.list_runs() == []
    assert not (warehouse.home / "artifacts").exists()


def test_many_processes_save_one_run_at_once(warehouse: Warehouse) -> None:
    """20 processes are let go together: one run, one link, one folder, one new in all."""
    home = warehouse.home
    assert warehouse.head()[0] == 0
    started, go = os.pipe()
    pids = []
    for _ in range(20):
        pid = os.fork()
        if not pid:
            status = 1
            try:
                os.close(go)
                os.read(started, 1)
                status = 10 + Warehouse(home).save_run(record())
            finally:
                os._exit(status)
        pids.append(pid)
    os.close(started)
    os.close(go)
    made = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) - 10 for pid in pids]
    assert sorted(made) == [0] * 19 + [1]
    assert warehouse.head()[0] == 1
    assert [path.name for path in (home / "artifacts").iterdir()] == ["aa"]
    assert list((home / "warehouse" / "tmp").iterdir()) == []
    assert warehouse.verify_runs().findings == ()


def test_what_was_made_with_what_is_kept(warehouse: Warehouse) -> None:
    warehouse.save_run(record())
    run = warehouse.get_run("aa")
    assert (run.seed, run.code_version) == (7, "0.5.0+abc")
    assert run.environment_hash == digest(ENVIRONMENT)
    assert warehouse.environment(digest(ENVIRONMENT)) == ENVIRONMENT
    with pytest.raises(NotFoundError, match="no environment ab in"):
        warehouse.environment("ab")
    # one that is stored need not be handed in again; an unknown one must be
    assert warehouse.save_run(record("bb", environment=None))
    with pytest.raises(InputError, match="environment cd is not stored"):
        warehouse.save_run(record("cc", environment=None, environment_hash="cd"))
    with pytest.raises(InputError, match="expected the digest of the environment"):
        warehouse.save_run(record("cc", environment_hash="cd"))
    assert [run.run_hash for run in warehouse.list_runs()] == ["aa", "bb"]
    assert list((warehouse.home / "warehouse" / "tmp").iterdir()) == []


def test_features_are_kept_where_there_are_some(warehouse: Warehouse) -> None:
    times = pd.date_range("2020-01-01", periods=2, tz="UTC", name="ts").as_unit("us")
    features = pd.DataFrame({"fast": [1.0, float("nan")], "slow": [2.0, 3.0]}, index=times)
    warehouse.save_run(record(features=features))
    pd.testing.assert_frame_equal(warehouse.get_run("aa").features(), features, check_freq=False)
    warehouse.save_run(record("bb"))
    with pytest.raises(NotFoundError, match="stored without features"):
        warehouse.get_run("bb").features()


def test_a_saved_run_is_completed(warehouse: Warehouse) -> None:
    warehouse.save_run(record())
    state = warehouse.run_states.newest("aa")
    assert state.state == "completed"
    kinds = [event.kind for event in warehouse.run_states.events(state.key).events]
    assert kinds == ["artifact"] * 4 + ["completed"]


def test_an_attempt_that_lost_its_run_stores_nothing(warehouse: Warehouse) -> None:
    given = record()
    key = warehouse.run_states.submit(given).key
    attempt = warehouse.run_states.start(key)
    assert attempt is not None
    warehouse.run_states.cancel(key)
    with pytest.raises(AttemptLostError):
        warehouse.save_run(given, attempt=attempt.number)
    assert warehouse.list_runs() == []
    assert warehouse.head()[0] == 0
    assert list((warehouse.home / "warehouse" / "tmp").iterdir()) == []
    assert list((warehouse.home / "artifacts").glob("*")) == []
