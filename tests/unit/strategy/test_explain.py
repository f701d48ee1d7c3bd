import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import (
    LogisticModel,
    Strategy,
    builtin,
    close,
    on,
    param,
    probability,
    stop,
    ta,
    trail,
    weekday,
    where,
)
from hyprl_lab.strategy.explain import rows, span


def test_every_node_has_a_row_with_lag_warm_up_and_users():
    fast = ta.sma(close, param("fast", 5, 50)).shift(2)
    made = Strategy("x", long_entry=fast > 30, long_exit=fast < 10)
    found = {row.formula: row for row in rows(made.graph, None)}
    assert found["column close"].lag == "0"
    assert found["parameter fast"].lag == "-"
    assert found["sma(#0, #1)"].warm_up == "4 to 49"
    shifted = found["shift(#2, 2)"]
    assert (shifted.lag, shifted.warm_up, len(shifted.used_by)) == ("2", "6 to 51", 2)
    assert found["#3 > #4"].lag == "2"


def test_given_parameters_make_warm_ups_exact():
    text = builtin.dual_sma().explain({"fast": 10, "slow": 20})
    lines = text.splitlines()
    assert lines[0] == f"strategy dual_sma, hash {builtin.dual_sma().hash}"
    assert "4  sma(#0, #3)            0    19       #5, #6 (shared)" in lines
    assert "parameter fast: 10 (2 to 100, whole)" in lines
    assert lines[-1].startswith("warm-up: 20 bars;")
    assert "long_entry = #5" in lines
    assert "long_exit = #6" in lines


def test_a_window_without_a_range_has_no_upper_warm_up():
    made = Strategy("x", long_entry=close > ta.sma(close, param("n")), stop_loss=stop.percent(0.1))
    assert "warm-up: >= 0 bars" in made.explain()
    assert "stop_loss = #" in made.explain()


def test_span():
    one, two = {"": (1, 0)}, {"": (2, 0)}
    assert [span(one, one), span(one, two), span(one, None)] == ["1", "1 to 2", ">= 1"]
    assert span({"1h": (1, 0)}, {"1h": (2, 0)}) == "1 of 1h to 2 of 1h"


def test_a_longer_timeframe_is_told_in_its_bars_until_the_bars_are_known():
    hourly = on("1h", ta.sma(close, param("n", 5, 50)))
    made = Strategy("x", long_entry=close > ta.sma(hourly, 3), long_exit=hourly < 1)
    found = {row.formula: row for row in rows(made.graph, None)}
    assert found["sma(#0, #1)"].warm_up == "4 to 49"
    assert found["on(1h, #2)"].warm_up == "4 of 1h to 49 of 1h"
    assert found["sma(#3, #4)"].warm_up == "4 of 1h + 2 to 49 of 1h + 2"
    assert (found["on(1h, #2)"].lag, len(found["on(1h, #2)"].used_by)) == ("0", 2)
    text = made.explain({"n": 10})
    assert "\nwarm-up: 9 of 1h + 2 bars; no node reads a bar after t" in text
    assert text.endswith(
        "under on: lags and warm-ups count bars of its timeframe, closed ones alone"
    )
    assert "\nwarm-up: 42 bars;" in made.explain({"n": 10}, "15m")  # (9 + 1)·4 + 2
    assert "\nwarm-up: 22 to 202 bars;" in made.explain(None, "15m")
    with pytest.raises(StrategyError, match=r"node 3 \(on '1h'\)"):
        made.explain(None, "1d")


def test_the_lag_of_a_parameter_is_its_least():
    made = Strategy("x", long_entry=ta.lag(close, param("n", 3, 9)) > 1)
    formula = {row.formula: row for row in rows(made.graph, None)}["lag(#0, #1)"]
    assert (formula.lag, formula.warm_up) == ("3", "3 to 9")
    given = {row.formula: row for row in rows(made.graph, {"n": 5.0})}["lag(#0, #1)"]
    assert (given.lag, given.warm_up) == ("5", "5")


def test_several_windows_and_scalars_are_explained():
    line = ta.macd(close, param("fast", 2, 9), param("slow", 5, 30)).line
    high = ta.quantile(close, 9, param("q", 0.5, 1.0))
    made = Strategy("x", long_entry=(line > 0) & (close > high))
    found = {row.formula: row for row in rows(made.graph, None)}
    assert found["macd(#0, #1, #2)"].warm_up == "4 to 29"
    assert found["quantile(#0, #6, #7)"].warm_up == "8"


def test_every_kind_of_node_has_its_formula():
    model = LogisticModel((close,), (1,), 0, trained_until="2015-12-31T12:00:00.5")
    made = Strategy(
        "x",
        long_entry=where(weekday == 0, abs(close), probability(model)) > 0.5,
        trailing_stop=trail.percent(0.1),
        time_stop=5,
        entry_stop=close * 2,
    )
    formulas = {row.formula for row in rows(made.graph, None)}
    assert {"weekday", "absolute(#3)", "where(#2, #4, #5)"} <= formulas
    assert "probability(#3, trained until 2015-12-31T12:00:00Z)" in formulas
    lines = made.explain().splitlines()
    for root in ("long_entry", "trailing_stop", "time_stop", "entry_stop"):
        kind = ", a fraction of the fill price" if root == "trailing_stop" else ""
        assert f"{root} = #{made.graph.roots[root]}{kind}" in lines
