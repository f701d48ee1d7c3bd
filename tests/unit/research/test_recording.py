"""`hl.backtest` counts; `save` stores once."""

from __future__ import annotations

import copy
import json
import pickle
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.environment import environment
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.types import Progress


def test_a_look_is_a_trial_and_a_repeat_is_counted_once(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    bars = hl.load_bars("TEST")
    for fast in (5, 6, 5):
        hl.backtest(bars, dual_sma(), params={"fast": fast, "slow": 20}, warehouse=warehouse)
    assert len(warehouse.sql("SELECT * FROM trials")) == 2
    looks = warehouse.sql("SELECT looks FROM backtests ORDER BY trial_index")
    assert looks["looks"].tolist() == [2, 1]
    assert warehouse.trial_count(warehouse.lineage_root(bars)) == 2


def test_a_search_and_a_single_run_of_one_trial_have_one_key(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    bars = hl.load_bars("TEST")
    study = hl.supersearch(bars, dual_sma(), {"fast": [5], "slow": [20, 30]}, warehouse=warehouse)
    hl.backtest(bars, dual_sma(), params={"fast": 5, "slow": 20}, warehouse=warehouse)
    assert warehouse.trial_count(study.lineage_root) == 2


def test_a_set_that_can_not_be_evaluated_was_a_try_and_a_typing_error_was_not(
    tmp_path: Path,
) -> None:
    warehouse = hl.Warehouse(tmp_path)
    bars = hl.load_bars("TEST").take(0, 25)
    with pytest.raises(hl.errors.StrategyError, match="window is 30"):
        hl.backtest(bars, dual_sma(), params={"fast": 5, "slow": 30}, warehouse=warehouse)
    with pytest.raises(hl.errors.StrategyError, match="missing"):
        hl.backtest(bars, dual_sma(), params={"fast": 5}, warehouse=warehouse)
    assert warehouse.sql("SELECT state FROM trials")["state"].tolist() == ["failed"]


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_cancelled_run_is_not_recorded(tmp_path: Path, engine: str) -> None:
    warehouse = hl.Warehouse(tmp_path)
    stop = threading.Event()
    options = {"params": {"fast": 5, "slow": 20}, "engine": engine, "warehouse": warehouse}
    told = []

    def tell(step: Progress) -> None:
        told.append(step)
        stop.set()

    with pytest.raises(hl.errors.CancelledError):
        hl.backtest(hl.load_bars("TEST"), dual_sma(), progress=tell, cancel=stop, **options)
    assert len(told) == 1
    assert len(warehouse.sql("SELECT * FROM trials")) == 0
    stop.clear()
    result = hl.backtest(hl.load_bars("TEST"), dual_sma(), cancel=stop, **options)
    assert result.recorded
    assert len(warehouse.sql("SELECT * FROM trials")) == 1


def test_progress_can_be_a_callable_or_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[Progress] = []
    options = {"params": {"fast": 5, "slow": 20}, "warehouse": hl.Warehouse(tmp_path)}
    bars = hl.load_bars("TEST")
    hl.backtest(bars, dual_sma(), progress=told.append, **options)
    assert (told[-1].done, told[-1].total) == (len(bars), len(bars))
    hl.backtest(bars, dual_sma(), progress=True, **options)
    assert capsys.readouterr().out == ""


def test_unrecorded_says_so_and_leaves_no_trace(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    result = hl.backtest(
        hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20}, record=False,
        warehouse=warehouse,
    )  # fmt: skip
    assert not result.recorded
    assert len(warehouse.sql("SELECT * FROM trials")) == 0


@pytest.mark.parametrize("engine", ["native", "python"])
def test_saving_twice_makes_one_run_that_reads_back(tmp_path: Path, engine: str) -> None:
    warehouse = hl.Warehouse(tmp_path)
    result = hl.backtest(
        hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20}, engine=engine,
        warehouse=warehouse,
    )  # fmt: skip
    assert result.save() == result.save() == result.run_hash
    stored = warehouse.get_run(result.run_hash)
    assert stored.engine == engine
    assert stored.config["params"] == {"fast": 5.0, "slow": 20.0}
    assert stored.metrics["sharpe"] == result.metrics.sharpe
    assert stored.equity().tolist() == result.equity.tolist()
    assert stored.trades()["pnl"].tolist() == result.trades["pnl"].tolist()
    assert warehouse.verify_runs(result.run_hash).ok
    assert len(warehouse.list_runs()) == 1


def test_a_result_is_copied_without_its_warehouse(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    params = {"fast": 5, "slow": 20}
    result = hl.backtest(hl.load_bars("TEST"), dual_sma(), params=params, warehouse=warehouse)
    hash_, metrics = result.run_hash, result.metrics  # cached, and so copied too
    for made in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert (made.run_hash, made.metrics, made.recorded) == (hash_, metrics, True)
        assert made.trades.equals(result.trades)
        assert made.sink is None
        with pytest.raises(hl.errors.WarehouseError, match=r"use hl\.backtest"):
            made.save()
    assert result.save() == hash_


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"record": "no"}, "record='no'; expected True or False"),
        ({"progress": 3}, "progress=3; expected True, False or a function"),
        ({"cancel": True}, "cancel=True"),
    ],
)
def test_options_are_what_they_should_be(
    tmp_path: Path, options: dict[str, object], said: str
) -> None:
    warehouse = hl.Warehouse(tmp_path)
    with pytest.raises(hl.errors.ConfigError, match=said):
        hl.backtest(
            hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20}, warehouse=warehouse,
            **options,
        )  # fmt: skip
    assert len(warehouse.sql("SELECT * FROM trials")) == 0


def test_a_typing_error_is_no_try(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    wrong = hl.Strategy("wrong", long_entry=hl.col("Close") > 5)
    for strategy in (None, hl.close > 5, wrong):
        with pytest.raises(hl.errors.InputError):
            hl.backtest(hl.load_bars("TEST"), strategy, warehouse=warehouse)
    assert len(warehouse.sql("SELECT * FROM trials")) == 0


class Below:
    """Long below the mean of all bars it is given."""

    given = 0

    def get_params_config(self) -> dict[str, object]:
        return {}

    def generate_signals(self, bars: hl.Bars) -> dict[str, object]:
        Below.given = len(bars)
        mean = bars.close.mean()
        return {"entry": bars.close < mean, "exit": bars.close > mean}


@pytest.mark.parametrize("fill", ["next_open", "same_close"])
def test_a_strategy_class_gets_no_bar_after_the_end_of_the_period(fill: str) -> None:
    bars = hl.load_bars("sp500")
    stop = int(np.searchsorted(bars.ts, np.datetime64("2005-01-01", "us").astype(np.int64)))
    period = ("2000-01-01", "2005-01-01")
    settings = {"execution": hl.Execution(fill=fill), "record": False}
    whole = hl.backtest(bars, Below, period=period, **settings)
    assert Below.given == stop
    cut = hl.backtest(bars.take(0, stop), Below, period=("2000-01-01", None), **settings)
    assert len(whole.simulation.trades) == len(cut.simulation.trades) > 3
    assert whole.simulation.behaviour_hash == cut.simulation.behaviour_hash
    assert whole.strategy.hash == cut.strategy.hash
    assert len(whole.bars) == len(bars)


def test_other_signals_under_a_name_reach_no_ledger(tmp_path: Path) -> None:
    bars = hl.load_bars("TEST")
    warehouse = hl.Warehouse(tmp_path)
    made = hl.strategies.compiled(bars, Below)
    columns = dict(made.bars.columns)
    name = next(name for name in columns if name.endswith("long_entry"))
    columns[name] = 1 - columns[name]
    forged = hl.Bars(
        bars.symbol, bars.timeframe, bars.calendar, bars.ts, columns, lineage=bars.lineage
    )
    hl.backtest(made.bars, made.strategy, warehouse=warehouse)
    searched = replace(made.strategy, time_stop=hl.param("bars", 2, 5))
    for other in (forged, made.bars.take(0, 400)):
        with pytest.raises(hl.errors.BarsError, match="other signals than those they are named"):
            hl.backtest(other, made.strategy, warehouse=warehouse)
        with pytest.raises(hl.errors.BarsError, match="other signals than those they are named"):
            hl.supersearch(other, searched, {"bars": [2, 3]}, warehouse=warehouse)
    assert len(warehouse.sql("SELECT * FROM trials")) == 1


def test_the_bars_of_a_run_are_kept_and_do_not_stand_for_their_symbol(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    bars = hl.load_bars("TEST")
    hl.backtest(bars.take(0, 300), Below, warehouse=warehouse).save()
    (kept,) = warehouse.list_bars()
    assert kept.for_runs
    assert any(name.startswith("signals_") for name in kept.column_names)
    assert warehouse.get_bars(kept.fingerprint[:8]).fingerprint == kept.fingerprint
    assert warehouse.get_bars("TEST").fingerprint == kept.fingerprint  # there is nothing else
    warehouse.save_bars(bars)
    hl.backtest(bars.take(0, 200), dual_sma(), params={"fast": 5, "slow": 20},
                warehouse=warehouse).save()  # fmt: skip
    assert warehouse.get_bars("TEST") == bars
    assert [item.for_runs for item in warehouse.list_bars()] == [True, False, True]
    warehouse.save_bars(bars.take(0, 200))  # now for its own sake
    assert warehouse.get_bars("TEST") == bars.take(0, 200)
    assert [item.for_runs for item in warehouse.list_bars()] == [True, False, False]
    hl.backtest(bars, dual_sma(), params={"fast": 5, "slow": 20}, warehouse=warehouse).save()
    assert [len(warehouse.bar_sources(item)) for item in warehouse.list_bars()] == [1, 1, 2]


def test_a_run_is_stored_with_what_it_was_made_with(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    result = hl.backtest(hl.load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20},
                         seed=11, warehouse=warehouse)  # fmt: skip
    stored = warehouse.get_run(result.save(features=True))
    lineage = result.lineage
    assert (stored.seed, stored.code_version) == (11, lineage["code_version"])
    assert stored.environment_hash == lineage["environment_hash"]
    assert stored.manifest["semantics"] == lineage["semantics"]
    assert stored.manifest["calendar"] == result.bars.calendar
    assert len(stored.features()) == len(result.bars)
    body = warehouse.sql("SELECT body FROM environments")["body"][0]
    assert json.loads(body) == environment()
