"""A result: its tables, its config, its hash."""

from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rfc8785

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import AllIn, Execution, FixedFraction, Result, run
from hyprl_lab.engine.config import SEMANTICS
from hyprl_lab.engine.export import TABLES, TableName
from hyprl_lab.engine.result import SCHEMA
from hyprl_lab.environment import code_version, environment_hash
from hyprl_lab.errors import WarehouseError
from hyprl_lab.strategy import Strategy, close, stop
from hyprl_lab.strategy.builtin import dual_sma

PARAMS = {"fast": 5, "slow": 20}


@pytest.fixture(scope="module")
def bars() -> Bars:
    return load_bars("TEST")


@pytest.fixture(scope="module")
def result(bars: Bars) -> Result:
    return run(bars, dual_sma(), params=PARAMS)


def six_days() -> Bars:
    prices = [10.0, 10.0, 20.0, 15.0, 15.0, 15.0]
    frame = pd.DataFrame(
        dict.fromkeys(("open", "high", "low", "close"), prices),
        index=pd.date_range("2020-01-01", periods=6, tz="UTC"),
    )
    return Bars.from_pandas(frame, symbol="X", timeframe="1d", calendar="24/7")


@pytest.mark.parametrize("engine", ["native", "python"])
def test_tables_of_an_account_by_hand(engine: str) -> None:
    """From bar 0 the close is at or below 12: long at 10, out at 15 after the close of 20."""
    cheap = Strategy(
        "cheap", long_entry=close < 12, long_exit=close > 12, stop_loss=stop.percent(0.5)
    )
    found = run(six_days(), cheap, cash=1000.0, engine=engine)
    assert found.equity.tolist() == [1000.0, 1000.0, 2000.0, 1500.0, 1500.0, 1500.0]
    assert found.equity.name == "equity"
    assert found.equity.index.name == "ts"
    assert found.equity.index[0] == pd.Timestamp("2020-01-01", tz="UTC")
    assert found.returns.tolist() == [0.0, 1.0, -0.25, 0.0, 0.0]
    assert found.returns.index[0] == pd.Timestamp("2020-01-02", tz="UTC")
    assert found.ts.tolist() == six_days().ts.tolist()
    (row,) = found.trades.to_dict(orient="records")
    assert row == {
        "side": "long",
        "entry_ts": pd.Timestamp("2020-01-02", tz="UTC"),
        "exit_ts": pd.Timestamp("2020-01-04", tz="UTC"),
        "entry_price": 10.0,
        "exit_price": 15.0,
        "quantity": 100.0,
        "pnl": 500.0,
        "return": 0.5,
        "reason": "signal",
        "stop_price": 5.0,
        "bars_held": 2,
        "fees": 0.0,
        "financing": 0.0,
        "mae": 0.0,
        "mfe": 1.0,
        "r_multiple": 1.0,
    }
    assert found.metrics.total_return == 0.5
    entry, leave = found.orders.to_dict(orient="records")
    assert entry == {
        "ts": pd.Timestamp("2020-01-02", tz="UTC"),
        "signal_ts": pd.Timestamp("2020-01-01", tz="UTC"),
        "side": "buy",
        "intent": "entry",
        "kind": "market",
        "reason": "signal",
        "status": "filled",
        "why": "",
        "asked": 100.0,
        "quantity": 100.0,
        "price": 10.0,
        "fee": 0.0,
    }
    assert (leave["side"], leave["intent"], leave["price"]) == ("sell", "exit", 15.0)
    assert leave["signal_ts"] == pd.Timestamp("2020-01-03", tz="UTC")


def test_views_are_those_of_the_account(result: Result) -> None:
    years = result.by_year()
    assert (1 + years["total_return"]).prod() - 1 == pytest.approx(result.metrics.total_return)
    assert years["trades"].sum() == result.metrics.trades
    closed = result.trades[result.trades["reason"] != "open"]
    assert years["pnl"].sum() == pytest.approx(closed["pnl"].sum())
    months = result.by_month()
    assert (1 + months["total_return"]).prod() - 1 == pytest.approx(result.metrics.total_return)
    falls = result.drawdowns()
    assert falls["depth"].max() == pytest.approx(result.metrics.max_drawdown, rel=1e-12)
    assert falls["bars"].max() == result.metrics.max_drawdown_bars
    whole = result.rolling(len(result.returns))
    assert whole["sharpe"].iloc[-1] == pytest.approx(result.metrics.sharpe, rel=1e-10)
    assert whole["sharpe"].count() == 1


@pytest.mark.parametrize("table", TABLES)
def test_each_table_can_be_exported(result: Result, tmp_path: Path, table: TableName) -> None:
    frames = {
        "trades": result.trades,
        "orders": result.orders,
        "equity": result.equity.reset_index(),
        "metrics": result.metrics.table().reset_index(),
    }
    path = result.export(tmp_path / "out.parquet", table=table)
    pd.testing.assert_frame_equal(pd.read_parquet(path), frames[table])
    named = result.export(tmp_path, table=table)
    assert named == tmp_path / f"{table}.csv"
    assert named.read_text().splitlines()[0].split(",") == list(frames[table].columns)
    rows = json.loads(result.export(tmp_path / "out.json", table=table).read_text())
    assert len(rows) == len(frames[table])


def test_an_option_by_its_delta_is_labelled_approximate(bars: Bars, result: Result) -> None:
    assert not result.approximate
    assert "approximate" not in repr(result)
    execution = Execution(multiplier=100.0, option_delta=0.25)
    option = replace(result, execution=execution)
    assert option.approximate
    assert option.point_value == 25.0
    assert "approximate" in repr(option)


def test_tables_are_made_once(result: Result) -> None:
    assert result.equity is result.equity
    assert result.trades is result.trades
    assert result.metrics is result.metrics


def test_returns_after_ruin_are_0() -> None:
    prices = [10.0, 10.0, 25.0, 25.0, 10.0]
    frame = pd.DataFrame(
        dict.fromkeys(("open", "high", "low", "close"), prices),
        index=pd.date_range("2020-01-01", periods=5, tz="UTC"),
    )
    bars = Bars.from_pandas(frame, symbol="X", timeframe="1d", calendar="24/7")
    found = run(bars, Strategy("short", short_entry=close < 12))
    assert found.equity.tolist()[2:] == [0.0, 0.0, 0.0]
    assert found.returns.tolist() == [0.0, -1.0, 0.0, 0.0]


def test_the_hash_is_sha_256_of_the_json_that_is_documented(result: Result, bars: Bars) -> None:
    hashed = {
        "config": {**result.config, "strategy": dual_sma().canonical()},
        "fingerprint": bars.fingerprint,
        "semantics": SEMANTICS,
        "schema": SCHEMA,
    }
    assert result.run_hash == hashlib.sha256(rfc8785.dumps(hashed)).hexdigest()


@pytest.mark.parametrize(
    "changed",
    [
        {"params": {"fast": 6, "slow": 20}},
        {"cash": 10_001.0},
        {"risk": FixedFraction(0.5)},
        {"execution": Execution(fee_bps=1)},
        {"seed": 1},
        {"periods_per_year": 300.0},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_each_part_of_the_config_is_hashed(
    bars: Bars, result: Result, changed: dict[str, Any]
) -> None:
    assert run(bars, dual_sma(), **{"params": PARAMS, **changed}).run_hash != result.run_hash


def test_the_engine_and_spelled_out_defaults_are_not_hashed(bars: Bars, result: Result) -> None:
    other = run(
        bars,
        dual_sma(),
        params={"slow": 20.0, "fast": 5.0},
        risk=AllIn(),
        execution=Execution(),
        cash=10_000,
        engine="python",
    )
    assert other.engine != result.engine
    assert other.run_hash == result.run_hash


def test_one_changed_price_is_another_run(bars: Bars, result: Result) -> None:
    frame = bars.to_pandas()
    frame.iloc[-1, frame.columns.get_loc("close")] *= 1 - 1e-12
    other = Bars.from_pandas(
        frame, symbol=bars.symbol, timeframe=bars.timeframe, calendar=bars.calendar
    )
    assert run(other, dual_sma(), params=PARAMS).run_hash != result.run_hash


def test_the_config_is_json_and_runs_again(bars: Bars, result: Result) -> None:
    config = json.loads(json.dumps(result.config))
    assert config == result.config
    again = run(
        bars,
        Strategy.from_json(config["strategy"]),
        params=config["params"],
        execution=Execution.from_json(config["execution"]),
        cash=config["cash"],
        seed=config["seed"],
        periods_per_year=config["periods_per_year"],
    )
    assert again.run_hash == result.run_hash
    np.testing.assert_array_equal(again.simulation.equity, result.simulation.equity)


def test_the_pure_engine_knows_no_warehouse(result: Result) -> None:
    with pytest.raises(WarehouseError, match=r"use hl\.backtest"):
        result.save()


def test_a_sink_is_handed_the_result(bars: Bars) -> None:
    class Sink:
        def __init__(self) -> None:
            self.saved: list[tuple[Result, bool]] = []

        def save(self, result: Result, *, features: bool = False) -> str:
            self.saved.append((result, features))
            return result.run_hash

    sink = Sink()
    made = replace(run(bars, dual_sma(), params=PARAMS), sink=sink)
    assert made.save() == made.save(features=True) == made.run_hash
    assert sink.saved == [(made, False), (made, True)]


def test_one_line_says_what_ran(result: Result) -> None:
    line = repr(result)
    assert "\n" not in line
    for part in ("dual_sma", "TEST", "1d", "native", f"{result.metrics.trades} trades"):
        assert part in line
    never = run(load_bars("TEST"), Strategy("<never>", long_entry=close > 1e9))
    assert "Sharpe none" in repr(never)
    assert "&lt;never&gt;" in never._repr_html_()
    assert "<never>" not in never._repr_html_()


def test_lineage_names_all_that_a_result_is_made_of() -> None:
    result = run(load_bars("TEST"), dual_sma(), params=PARAMS, seed=4)
    assert result.lineage == {
        "fingerprint": result.bars.fingerprint,
        "ohlcv_fingerprint": result.bars.ohlcv_fingerprint,
        "strategy_hash": dual_sma().hash,
        "run_hash": result.run_hash,
        "seed": 4,
        "engine": "native",
        "engine_version": result.engine_version,
        "semantics": 1,
        "code_version": code_version(),
        "environment_hash": environment_hash(),
    }


def test_a_copy_keeps_the_lineage_of_who_computed_it() -> None:
    result = run(load_bars("TEST"), dual_sma(), params=PARAMS)
    told = dict(result.lineage)
    data = pickle.dumps(result)
    made = pickle.loads(data)
    assert "lineage" in vars(made)
    assert made.lineage == told
