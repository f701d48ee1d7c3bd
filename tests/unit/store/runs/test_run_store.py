from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from hyprl_lab.errors import InputError, IntegrityError, NotFoundError
from hyprl_lab.store import RunRecord, Warehouse, trades_schema
from hyprl_lab.store.tables import trades_table

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

FILES = ("config.json", "metrics.json", "trades.parquet", "equity.parquet", "manifest.json")


def record(run_hash: str = "aa", **change: Any) -> RunRecord:
    times = pd.date_range("2020-01-01", periods=3, tz="UTC", name="ts")
    trades = pd.DataFrame(
        {
            "side": ["long", "short"],
            "entry_ts": times[:2],
            "exit_ts": times[1:],
            "entry_price": [10.0, 11.0],
            "exit_price": [11.0, 12.0],
            "quantity": [2.0, 1.0],
            "pnl": [2.0, -1.0],
            "return": [0.1, -1 / 11],
            "reason": ["signal", "stop_loss"],
            "stop_price": [float("nan"), 12.0],
            "bars_held": [1, 1],
            "fees": [0.5, 0.25],
            "financing": [0.0, 0.125],
            "mae": [-0.1, -0.2],
            "mfe": [0.1, 0.0],
            "r_multiple": [float("nan"), -1.0],
        }
    )
    given: dict[str, Any] = {
        "run_hash": run_hash,
        "engine": "native",
        "engine_version": "native-1",
        "config": {"cash": 10_000.0, "seed": 0},
        "metrics": {"sharpe": 1.25, "calmar": None, "trades": 2},
        "reasons": {"calmar": "there was no drawdown"},
        "trades": trades,
        "equity": pd.Series([100.0, 102.0, 101.0], index=times, name="equity"),
        "symbol": "SPY",
        "timeframe": "1d",
        "fingerprint": "f",
        "lineage_root": "r",
        "strategy_hash": "h",
        "strategy_name": "cross",
    }
    return RunRecord(**given | change)


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
    warehouse.verify_run("aa")


def test_the_manifest_names_every_file_and_its_hash(warehouse: Warehouse) -> None:
    warehouse.save_run(record())
    run = warehouse.get_run("aa")
    text = (run.folder / "manifest.json").read_bytes()
    manifest = json.loads(text)
    assert hashlib.sha256(text).hexdigest() == run.manifest_hash
    assert {entry["file"] for entry in manifest["files"]} == set(FILES) - {"manifest.json"}
    for entry in manifest["files"]:
        data = (run.folder / entry["file"]).read_bytes()
        assert (entry["size"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert (manifest["run_hash"], manifest["engine_version"]) == ("aa", "native-1")


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


def orders() -> pd.DataFrame:
    times = pd.date_range("2020-01-01", periods=2, tz="UTC").as_unit("us")
    return pd.DataFrame(
        {
            "ts": times,
            "signal_ts": [times[0], pd.NaT],
            "side": ["buy", "sell"],
            "intent": ["entry", "exit"],
            "kind": ["limit", "market"],
            "reason": ["signal", "forced"],
            "status": ["cancelled", "filled"],
            "why": ["not_reached", ""],
            "asked": [0.0, 2.0],
            "quantity": [0.0, 2.0],
            "price": [float("nan"), 11.0],
            "fee": [0.0, 0.5],
        }
    )


def test_orders_are_kept_with_the_run(warehouse: Warehouse) -> None:
    warehouse.save_run(record(orders=orders()))
    run = warehouse.get_run("aa")
    pd.testing.assert_frame_equal(run.orders(), orders())
    warehouse.verify_run("aa")
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
    warehouse.verify_run("old")


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
    warehouse.verify_run("aa", "native-1")
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
        warehouse.verify_run("aa", "0.1.0", name)
        report.write_text(name)
        kept = warehouse.add_artifact("aa", "report.html", report, "0.1.0", name)
        assert (kept.parent, kept.name) == (found.folder, "report.html")
    assert warehouse.get_run("aa").engine == "python"  # the newest
    assert (warehouse.get_run("aa", engine="native").folder / "report.html").read_text() == "native"
    with pytest.raises(NotFoundError, match=r"no run aa by engine rust 0\.1\.0 in"):
        warehouse.get_run("aa", "0.1.0", "rust")
    assert warehouse.verify_chain() == 2


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
    warehouse.verify_run("aa")


def test_a_folder_whose_writer_died_makes_way(warehouse: Warehouse) -> None:
    orphan = warehouse.home / "artifacts" / "aa"
    orphan.mkdir(parents=True)
    (orphan / "config.json").write_text("half")
    assert warehouse.save_run(record())
    warehouse.verify_run("aa")


def test_runs_are_linked_in_the_order_they_were_stored(warehouse: Warehouse) -> None:
    empty = warehouse.head()
    assert empty == (0, hashlib.sha256(warehouse.ledger_id.encode()).hexdigest())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: warehouse.save_run(record(f"{i:02x}")), range(12)))
    runs = warehouse.list_runs()
    previous = empty[1]
    for seq, run in enumerate(runs):
        link = bytes.fromhex(previous) + bytes.fromhex(run.manifest_hash)
        assert (run.seq, run.chain_prev) == (seq, previous)
        previous = hashlib.sha256(link).hexdigest()
    assert warehouse.head() == (12, previous)
    assert warehouse.verify_chain() == 12


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM runs WHERE seq = 1",
        "UPDATE runs SET manifest_hash = chain_hash WHERE seq = 1",
        "UPDATE runs SET seq = 7 WHERE seq = 2",
    ],
)
def test_a_broken_chain_is_found(warehouse: Warehouse, sql: str) -> None:
    for i in range(3):
        warehouse.save_run(record(f"{i:02x}"))
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(sql)
    with pytest.raises(IntegrityError, match="does not follow the one before"):
        warehouse.verify_chain()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["flip", "cut", "remove"])
def test_a_changed_artifact_is_named(warehouse: Warehouse, name: str, how: str) -> None:
    warehouse.save_run(record())
    path = warehouse.get_run("aa").folder / name
    data = bytearray(path.read_bytes())
    if how == "flip":
        data[len(data) // 2] ^= 1
    if how == "remove":
        path.unlink()
    else:
        path.write_bytes(data[:-1] if how == "cut" else data)
    with pytest.raises(IntegrityError, match=f"{name} (was changed|is missing)"):
        warehouse.verify_run("aa")


def test_a_changed_row_is_found(warehouse: Warehouse) -> None:
    warehouse.save_run(record())
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE runs SET metrics = replace(metrics, '1.25', '9.25')")
    with pytest.raises(IntegrityError, match="the row of run aa differs"):
        warehouse.verify_run("aa")


def test_a_missing_artifact_is_named_by_queries(warehouse: Warehouse) -> None:
    warehouse.save_run(record())
    (warehouse.get_run("aa").folder / "equity.parquet").unlink()
    assert len(warehouse.sql("select * from trades")) == 2
    with pytest.raises(IntegrityError, match=r"aa/equity.parquet was committed and is missing"):
        warehouse.sql("select * from equity")


def test_reports_are_kept_with_their_run(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.save_run(record())
    report = tmp_path / "made.html"
    report.write_text("one")
    first = warehouse.add_artifact("aa", "report.html", report)
    assert first == warehouse.get_run("aa").folder / "report.html"
    assert warehouse.add_artifact("aa", "report.html", report) == first
    report.write_text("two")
    second = warehouse.add_artifact("aa", "report.html", report)
    assert (first.read_text(), second.read_text()) == ("one", "two")
    assert second.name == "report-2.html"
    warehouse.verify_run("aa")
    second.write_text("TWO")
    with pytest.raises(IntegrityError, match=r"report-2.html was changed"):
        warehouse.verify_run("aa")


def test_artifact_names_are_checked(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.save_run(record())
    report = tmp_path / "made.html"
    report.write_text("one")
    for name in ("../out.html", "", ".hidden"):
        with pytest.raises(InputError, match="not a plain file name"):
            warehouse.add_artifact("aa", name, report)
    with pytest.raises(InputError, match="one of the run's own files"):
        warehouse.add_artifact("aa", "config.json", report)
    with pytest.raises(NotFoundError, match="no file"):
        warehouse.add_artifact("aa", "x.html", tmp_path / "none.html")
    with pytest.raises(NotFoundError, match="no run bb"):
        warehouse.add_artifact("bb", "x.html", report)


def test_unknown_runs(warehouse: Warehouse) -> None:
    with pytest.raises(NotFoundError, match="no run aa in"):
        warehouse.get_run("aa")
    warehouse.save_run(record())
    with pytest.raises(NotFoundError, match="no run aa by engine other in"):
        warehouse.verify_run("aa", "other")


def test_a_bad_record_leaves_nothing(warehouse: Warehouse) -> None:
    with pytest.raises(InputError, match="metric sharpe is inf"):
        warehouse.save_run(record(metrics={"sharpe": float("inf")}))
    with pytest.raises(InputError, match="can't be written as JSON"):
        warehouse.save_run(record(config={"x": float("nan")}))
    assert warehouse.list_runs() == []
    assert not (warehouse.home / "artifacts").exists()
