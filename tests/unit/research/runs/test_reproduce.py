"""A run computed again: equal to the bit, or told where it differs."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import hyprl_lab as hl
from hyprl_lab.hashing import digest
from hyprl_lab.research.recording import run_record
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa


class Up:
    """Long after a bar that rose."""

    def get_params_config(self) -> dict[str, object]:
        return {}

    def generate_signals(self, bars: hl.Bars) -> dict[str, object]:
        return {"entry": bars.close > bars.open, "exit": bars.close < bars.open}


def ulp_up(column: str, row: int) -> Callable[[pa.Table], pa.Table]:
    """Return what moves one number of a table to its next neighbour."""

    def change(table: pa.Table) -> pa.Table:
        import pyarrow as pa

        values = table[column].to_numpy().copy()
        values[row] = np.nextafter(values[row], np.inf)
        place = table.column_names.index(column)
        return table.set_column(
            place, table.schema.field(column), pa.array(values, from_pandas=True)
        )

    return change


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_run_is_equal_to_the_bit(save: Any, warehouse: hl.Warehouse, engine: str) -> None:
    made = save(engine=engine, features=True, execution=hl.Execution(fee_bps=3, slippage_bps=2))
    found = hl.runs.reproduce(made.run_hash[:10], warehouse=warehouse)
    assert found.equal
    assert (found.engine, found.differences, dict(found.versions)) == (engine, (), {})
    assert found.tables == ("equity", "trades", "orders", "features")
    assert "equal to the last bit" in str(found)


@pytest.mark.parametrize(
    ("file", "column", "row"),
    [
        ("equity", "equity", 499),
        ("equity", "equity", 0),
        ("trades", "pnl", 3),
        ("trades", "mae", 0),
        ("orders", "price", 1),
        ("features", "sma_2", 400),
    ],
)
def test_one_ulp_in_a_table_is_found(
    save: Any, forge: Any, warehouse: hl.Warehouse, file: str, column: str, row: int
) -> None:
    run_hash = save(features=True).run_hash
    forge(run_hash, f"{file}.parquet", table=ulp_up(column, row))
    found = hl.runs.reproduce(run_hash, warehouse=warehouse)
    assert found.equal is False
    (difference,) = found.differences
    assert (difference.table, difference.column, difference.row) == (file, column, row)
    stored, computed = (
        float.fromhex(text.partition("(")[2].rstrip(")"))
        for text in (difference.stored, difference.computed)
    )
    assert stored == np.nextafter(computed, np.inf)
    assert difference.stored in str(found)
    assert difference.stored in found._repr_html_()


@pytest.mark.parametrize("row", [True, False])
def test_one_ulp_in_a_metric_is_found(
    save: Any, forge: Any, warehouse: hl.Warehouse, row: bool
) -> None:
    run_hash = save().run_hash

    def change(values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "sharpe": float(np.nextafter(values["sharpe"], 0.0))}

    forge(run_hash, "metrics.json", metrics=change, row=row)
    found = hl.runs.reproduce(run_hash, warehouse=warehouse)
    assert found.equal is False
    assert {item.column for item in found.differences} == {"sharpe"}
    assert {item.table for item in found.differences} == (
        {"metrics", "run"} if row else {"metrics"}
    )


def test_a_change_of_anything_is_named(save: Any, forge: Any, warehouse: hl.Warehouse) -> None:
    import pyarrow as pa

    run_hash = save().run_hash

    def words(table: pa.Table) -> pa.Table:
        place = table.column_names.index("reason")
        values = table["reason"].to_pylist()
        return table.set_column(place, "reason", pa.array(["stop_loss", *values[1:]]))

    def nothing(table: pa.Table) -> pa.Table:
        place = table.column_names.index("fees")
        return table.set_column(place, "fees", pa.array([None] + [0.0] * (len(table) - 1)))

    def later(table: pa.Table) -> pa.Table:
        place = table.column_names.index("exit_ts")
        moved = table["exit_ts"].cast(pa.int64()).to_numpy() + 1
        kind = table.schema.field("exit_ts").type
        return table.set_column(place, "exit_ts", pa.array(moved).cast(kind))

    def shorter(table: pa.Table) -> pa.Table:
        return table.slice(0, len(table) - 1)

    def fewer(table: pa.Table) -> pa.Table:
        return table.drop_columns(["mfe"])

    told = []
    for change in (words, nothing, later, shorter, fewer):
        import pyarrow.parquet as pq

        path = warehouse.get_run(run_hash).folder / "trades.parquet"
        before = pq.read_table(path)
        forge(run_hash, "trades.parquet", table=change)
        found = hl.runs.reproduce(run_hash, warehouse=warehouse)
        told.append((found.equal, found.differences[0].column, found.differences[0].stored))
        forge(run_hash, "trades.parquet", table=lambda _, before=before: before)
    assert [equal for equal, _, _ in told] == [False] * 5
    assert told[0][1:] == ("reason", "'stop_loss'")
    assert told[1][1:] == ("fees", "missing")
    assert told[2][1] == "exit_ts"
    assert told[3][1] == "rows"
    assert told[4][1:] == ("mfe", "absent")
    assert hl.runs.reproduce(run_hash, warehouse=warehouse).equal


def test_the_file_of_the_bars_may_be_gone(warehouse: hl.Warehouse, tmp_path: Path) -> None:
    bars = hl.load_bars("TEST")
    path = tmp_path / "acme.csv"
    bars.to_pandas().to_csv(path)
    read = hl.read_bars(path, symbol="ACME", timeframe="1d")
    made = hl.backtest(read, dual_sma(), params={"fast": 5, "slow": 20}, warehouse=warehouse)
    made.save()
    path.unlink()
    fresh = hl.Warehouse(warehouse.home)  # no object of the first one
    assert hl.runs.reproduce(made.run_hash, warehouse=fresh).equal
    fresh.close()


def test_a_strategy_class_need_not_be_there(save: Any, warehouse: hl.Warehouse) -> None:
    made = save(strategy=Up, period=("2020-06-01", "2021-03-01"))
    assert made.strategy.name == "Up()"
    original, Up.generate_signals = Up.generate_signals, None  # type: ignore[assignment]
    try:
        assert hl.runs.reproduce(made.run_hash, warehouse=warehouse).equal
    finally:
        Up.generate_signals = original  # type: ignore[method-assign]


def test_it_is_past_the_ledger(save: Any, warehouse: hl.Warehouse) -> None:
    run_hash = save().run_hash
    looks = "SELECT sum(looks) AS n FROM backtests"
    before = warehouse.sql(looks)["n"][0]
    hl.runs.reproduce(run_hash, warehouse=warehouse)
    assert warehouse.sql(looks)["n"][0] == before


def test_tables_that_were_given_up_are_compared_by_their_digest(
    save: Any, forge: Any, warehouse: hl.Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = save()
    monkeypatch.setenv("HYPRL_KEEP_RUNS", "0")
    warehouse.sweep()
    stored = warehouse.get_run(made.run_hash)
    assert {"equity.parquet", "trades.parquet", "orders.parquet"} <= set(stored.removed)
    with pytest.raises(hl.errors.NotFoundError, match="reproduce"):
        stored.trades()
    found = hl.runs.reproduce(made.run_hash, warehouse=warehouse)
    assert found.equal
    assert found.tables == ("equity", "trades", "orders")
    forge(made.run_hash, "trades.parquet", entry={"content": "0" * 64})
    other = hl.runs.reproduce(made.run_hash, warehouse=warehouse)
    assert [(item.table, item.column) for item in other.differences] == [("trades", "content")]


def test_another_version_of_the_engine_is_named(warehouse: hl.Warehouse) -> None:
    made = hl.backtest(
        hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20}, warehouse=warehouse
    )
    warehouse.save_bars(made.bars)
    record = run_record(made, warehouse)
    warehouse.save_run(replace(record, engine_version="0.0.9", code_version="0.0.9+abc"))
    found = hl.runs.reproduce(made.run_hash, warehouse=warehouse)
    assert found.equal is None
    assert found.differences == ()
    assert found.versions["engine_version"] == ("0.0.9", made.engine_version)
    assert found.versions["code_version"][0] == "0.0.9+abc"
    assert "stored 0.0.9, here" in str(found)


def test_other_packages_are_named_beside_the_answer(warehouse: hl.Warehouse) -> None:
    made = hl.backtest(
        hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20}, warehouse=warehouse
    )
    warehouse.save_bars(made.bars)
    record = run_record(made, warehouse)
    told: dict[str, Any] = dict(record.environment or {})
    packages = {**told["packages"], "numpy": "1.0.0", "gone": "3"}
    body = {**told, "packages": packages, "python": "cpython 3.9.0"}
    warehouse.save_run(replace(record, environment=body, environment_hash=digest(body)))
    found = hl.runs.reproduce(made.run_hash, warehouse=warehouse)
    assert found.equal
    assert found.versions["numpy"] == ("1.0.0", np.__version__)
    assert found.versions["gone"] == ("3", None)
    assert found.versions["python"][0] == "cpython 3.9.0"
    assert "code_version" not in found.versions


def test_a_file_that_is_lost_or_changed_is_a_difference_and_its_table_can_be_had_again(
    save: Any, warehouse: hl.Warehouse
) -> None:
    made = save()
    folder = warehouse.get_run(made.run_hash).folder
    (folder / "equity.parquet").write_bytes(b"no table")
    (folder / "trades.parquet").unlink()
    (folder / "metrics.json").write_bytes(b"no json")
    found = hl.runs.reproduce(made.run_hash, warehouse=warehouse)
    assert found.equal is False
    again = "the content that was stored"
    assert {
        (item.table, item.column, item.stored, item.computed) for item in found.differences
    } == {
        ("equity", "file", "not what was stored", again),
        ("trades", "file", "missing", again),
        ("metrics.json", "file", "not what was stored", "compared with the run's row"),
    }
    assert found.tables == ("equity", "trades", "orders")
    assert "3 differences" in str(found)
    assert found.result is not None
    pd.testing.assert_frame_equal(found.result.trades, made.trades)
    pd.testing.assert_series_equal(found.result.equity, made.equity)


def test_a_stored_run_may_be_given_itself(save: Any, warehouse: hl.Warehouse) -> None:
    run_hash = save(engine="python").run_hash
    save(engine="native")
    stored = hl.runs.get(run_hash, engine="python", warehouse=warehouse)
    found = hl.runs.reproduce(stored, warehouse=warehouse)
    assert (found.run_hash, found.engine, found.equal) == (run_hash, "python", True)


def test_a_small_run_without_a_trade_is_equal(save: Any, warehouse: hl.Warehouse) -> None:
    never = hl.Strategy("never", long_entry=hl.close < 0)
    made = save(strategy=never)
    assert len(made.trades) == 0
    found = hl.runs.reproduce(made.run_hash, warehouse=warehouse)
    assert found.equal
    assert isinstance(warehouse.get_run(made.run_hash).trades(), pd.DataFrame)


def test_files_that_go_while_it_computes(
    save: Any, warehouse: hl.Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stored is read before; and what goes between finding and reading has a digest."""
    again, reproduce = (
        import_module(f"hyprl_lab.research.runs.{name}") for name in ("again", "reproduce")
    )
    run_hash = save().run_hash
    plain, reading = again.RunInputs.run, reproduce._read

    def give_up(*given: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setenv("HYPRL_KEEP_RUNS", "0")
            warehouse.sweep()

    monkeypatch.setattr(again.RunInputs, "run", lambda inputs: (give_up(), plain(inputs))[1])
    assert hl.runs.reproduce(run_hash, warehouse=warehouse).equal
    assert "equity.parquet" in warehouse.get_run(run_hash).removed
    other = save(cash=7.0).run_hash
    monkeypatch.setattr(reproduce, "_read", lambda stored: (give_up(), reading(stored))[1])
    found = hl.runs.reproduce(other, warehouse=warehouse)
    assert (found.equal, found.tables) == (True, ("equity", "trades", "orders"))
