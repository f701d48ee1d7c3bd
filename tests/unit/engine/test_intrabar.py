"""The intrabar interval, on one bar that reaches stop and target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import Execution, IntrabarInterval, intrabar_interval, run
from hyprl_lab.errors import InputError
from hyprl_lab.strategy import Strategy, close, col, stop, ta, target

DAY_US = 86_400_000_000
ENGINES = ("native", "python")


def one_bar(low: float, high: float) -> Bars:
    """Signal on the first bar, entry at 100 on the second, which reaches down and up."""
    columns = {
        "open": np.array([100.0, 100.0, 100.0]),
        "high": np.array([100.0, high, 100.0]),
        "low": np.array([100.0, low, 100.0]),
        "close": np.array([100.0, 100.0, 100.0]),
        "go": np.array([1.0, 0.0, 0.0]),
    }
    return Bars("X", "1d", "24/7", np.arange(3) * DAY_US, columns)


@pytest.mark.parametrize("found", [3, None, "result", [[]]])
def test_what_is_no_result_is_refused(found: Any) -> None:
    with pytest.raises(InputError, match=r"expected a result of hl\.backtest"):
        intrabar_interval(found)


def interval(engine: Any, *, stop_at: float = 0.1, target_at: float = 0.2) -> IntrabarInterval:
    strategy = Strategy(
        "both",
        long_entry=col("go") > 0,
        stop_loss=stop.percent(stop_at),
        take_profit=target.percent(target_at),
    )
    bars = one_bar(low=85.0, high=125.0)
    return intrabar_interval(run(bars, strategy, cash=1_000.0, engine=engine))


@pytest.mark.parametrize("engine", ENGINES)
def test_one_bar_that_reaches_both(engine: str) -> None:
    """10 units: the stop at 90 loses 100, the target at 120 gains 200; the stop is nearer."""
    found = interval(engine)
    assert [result.metrics.final_equity for result in found.results.values()] == [
        900.0,
        900.0,
        1_200.0,
    ]
    assert [result.trades["reason"].tolist() for result in found.results.values()] == [
        ["stop_loss"],
        ["stop_loss"],
        ["take_profit"],
    ]
    assert found.between("total_return") == pytest.approx((-0.1, 0.2), rel=1e-12)
    assert found.between("win_rate") == (0.0, 1.0)
    assert found.between("profit_factor") is None  # undefined without losing money


@pytest.mark.parametrize("engine", ENGINES)
def test_the_nearer_one_may_be_the_target(engine: str) -> None:
    found = interval(engine, stop_at=0.1, target_at=0.05)
    assert found.nearest_first.metrics.final_equity == 1_050.0
    assert found.stop_first.metrics.final_equity == 900.0


@pytest.mark.parametrize("engine", ENGINES)
def test_each_reading_is_the_run_of_its_own_setting(engine: Any) -> None:
    bars = load_bars("TEST")
    strategy = Strategy(
        "tight",
        long_entry=ta.sma(close, 3).crosses_above(ta.sma(close, 9)),
        stop_loss=stop.percent(0.005),
        take_profit=target.percent(0.005),
    )
    execution = Execution(fee_bps=2, intrabar="nearest_first")
    base = run(bars, strategy, execution=execution, engine=engine)
    found = intrabar_interval(base)
    for mode, reading in found.results.items():
        alone = run(bars, strategy, execution=Execution(fee_bps=2, intrabar=mode), engine=engine)
        assert reading.execution == alone.execution
        assert reading.run_hash == alone.run_hash
        assert reading.trades.equals(alone.trades)
        np.testing.assert_array_equal(reading.simulation.equity, alone.simulation.equity)
        assert reading.metrics == alone.metrics
        assert not reading.recorded
    assert len({result.run_hash for result in found.results.values()}) == 3


def test_tables_have_a_column_for_each_reading() -> None:
    found = interval("python")
    assert list(found.table.columns) == ["stop_first", "nearest_first", "target_first"]
    assert found.table.loc["final_equity"].tolist() == [900.0, 900.0, 1_200.0]
    assert np.isnan(found.table.loc["profit_factor", "target_first"])
    assert found.equity["target_first"].tolist() == [1_000.0, 1_200.0, 1_200.0]
    assert found.metrics["stop_first"].trades == 1
    assert "-10.00% to 20.00%" in repr(found)
    html = found._repr_html_()
    assert "<th>target first</th>" in html
    assert ">900<" in html
    with pytest.raises(InputError, match="'sharp' is no metric"):
        found.between("sharp")


def test_it_is_frozen() -> None:
    with pytest.raises(AttributeError):
        interval("python").stop_first = None  # type: ignore[misc]


@pytest.mark.parametrize("metric", ["return", 3, None, []])
def test_what_is_no_metric_is_refused(metric: Any) -> None:
    with pytest.raises(InputError, match=r"is no metric; there are .*'total_return'"):
        interval("native").between(metric)
