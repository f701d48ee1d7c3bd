import copy
import math
import pickle

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import (
    Expr,
    Strategy,
    builtin,
    close,
    col,
    low,
    minute_of_day,
    on,
    param,
    stop,
    ta,
    target,
    trail,
    volume,
    weekday,
)

UP, DOWN = close > 5, close < 3
CROSS = builtin.dual_sma()


def test_the_name_may_be_given_either_way_and_the_rest_by_keyword():
    assert Strategy("x", long_entry=UP) == Strategy(name="x", long_entry=UP)
    with pytest.raises(TypeError):
        Strategy("x", UP)


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 121, None, 5])
def test_a_name_is_short_printable_text(name):
    with pytest.raises(StrategyError, match="strategy name"):
        Strategy(name, long_entry=UP)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "never enters"),
        ({"long_exit": DOWN}, "long_exit is given without long_entry"),
        ({"short_exit": DOWN}, "short_exit is given without short_entry"),
        ({"long_entry": UP, "short_exit": DOWN}, "short_exit is given without short_entry"),
        ({"stop_loss": stop.percent(0.1)}, "never enters"),
        ({"long_entry": close}, "long_entry: found close; expected a condition"),
        ({"long_entry": True}, "long_entry: found True"),
        ({"long_entry": UP, "long_exit": 0}, "long_exit: found 0"),
        ({"long_entry": UP, "stop_loss": 0.05}, r"stop_loss: found 0\.05; expected hl\.stop"),
        ({"long_entry": UP, "stop_loss": target.percent(0.1)}, r"stop_loss: .*hl\.stop"),
        ({"long_entry": UP, "take_profit": stop.percent(0.1)}, r"take_profit: .*hl\.target"),
        ({"long_entry": UP, "trailing_stop": stop.percent(0.1)}, r"trailing_stop: .*hl\.trail"),
        ({"long_entry": UP, "stop_loss": trail.percent(0.1)}, r"stop_loss: .*hl\.stop\.price"),
        ({"long_entry": UP, "time_stop": 0}, "time_stop: the time stop is 0"),
        ({"long_entry": UP, "time_stop": 2.5}, r"time_stop: the time stop is 2\.5"),
        ({"long_entry": UP, "time_stop": True}, "time_stop: found True"),
        ({"long_entry": UP, "time_stop": "5"}, "time_stop: found '5'"),
        ({"long_entry": UP, "time_stop": close}, "time_stop: the time stop is close"),
        ({"long_entry": UP, "time_stop": UP}, "time_stop: the time stop is"),
        ({"long_entry": UP, "time_stop": param("n", 0, 5)}, "'n' is used as a time stop"),
        ({"long_entry": UP, "entry_limit": UP}, "entry_limit: found .*; expected a price"),
        ({"long_entry": UP, "entry_limit": "5"}, "entry_limit: found '5'"),
        ({"long_entry": UP, "entry_stop": 0}, "entry_stop: found 0; expected a price above 0"),
        ({"long_entry": UP, "entry_stop": math.nan}, "entry_stop: constant: found nan"),
        ({"long_entry": UP, "entry_stop": 5, "entry_limit": 5}, "both given"),
    ],
)
def test_what_makes_no_strategy_is_refused(parts, message):
    with pytest.raises(StrategyError, match=message):
        Strategy("x", **parts)


def test_a_strategy_is_frozen():
    with pytest.raises(AttributeError):
        CROSS.name = "other"
    with pytest.raises(TypeError):
        CROSS.parameters["fast"] = None


def test_one_name_has_one_range():
    with pytest.raises(StrategyError, match="'n' is declared twice"):
        Strategy(
            "x",
            long_entry=close > param("n", 1, 5),
            stop_loss=stop.atr(param("n", 1, 6), 2),
        )


def test_bind_sorts_and_converts():
    bound = CROSS.bind({"slow": np.int64(20), "fast": 10.0})
    assert list(bound.items()) == [("fast", 10.0), ("slow", 20.0)]
    assert Strategy("x", long_entry=UP).bind() == {}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (None, r"missing \['fast', 'slow'\]"),
        ({"fast": 10}, r"missing \['slow'\]"),
        ({"fast": 10, "slow": 20, "k": 1}, r"unknown \['k'\]"),
        ({"fast": math.nan, "slow": 20}, "'fast'"),
        ({"fast": True, "slow": 20}, "'fast'"),
        ({"fast": 10.5, "slow": 20}, "expected a whole number"),
        ({"fast": 0, "slow": 20}, "'fast'"),
        ({"fast": 101, "slow": 20}, "'fast' is 101; expected 2 to 100, whole"),
    ],
)
def test_bind_refuses_what_the_parameters_cannot_take(params, message):
    with pytest.raises(StrategyError, match=message):
        CROSS.bind(params)


def test_a_parameter_without_a_range_takes_any_number_but_no_bad_window():
    made = Strategy("x", long_entry=close * param("k") > ta.sma(close, param("n")))
    assert made.bind({"k": -1e9, "n": 5_000}) == {"k": -1e9, "n": 5_000.0}
    with pytest.raises(StrategyError, match="whole number of bars"):
        made.bind({"k": 1, "n": 2.5})
    assert made.default_space() == {}


def test_the_default_space_is_the_ranges():
    space = CROSS.default_space()
    assert [(n, p.low, p.high, p.integer) for n, p in space.items()] == [
        ("fast", 2, 100, True),
        ("slow", 3, 300, True),
    ]


def test_warm_up_is_that_of_the_slowest_part():
    assert CROSS.warm_up({"fast": 10, "slow": 20}) == 20
    slow_stop = Strategy("x", long_entry=UP, stop_loss=stop.atr(50, 2))
    assert slow_stop.warm_up() == 50
    with pytest.raises(StrategyError, match="missing"):
        CROSS.warm_up()


def test_columns_are_what_the_graph_reads():
    assert CROSS.columns == ("close",)
    assert Strategy("x", long_entry=col("z") > 1, stop_loss=stop.atr(5, 2)).columns == (
        "close",
        "high",
        "low",
        "z",
    )


def test_equality_is_that_of_the_json():
    assert Strategy("x", long_entry=close > 5) == Strategy("x", long_entry=UP)
    assert Strategy("x", long_entry=UP) != Strategy("y", long_entry=UP)
    assert Strategy("x", long_entry=UP) != "x"
    assert len({Strategy("x", long_entry=UP), Strategy("x", long_entry=close > 5)}) == 1


def test_a_deep_strategy_is_pickled_and_copied_by_its_json():
    deep = close
    for _ in range(5_000):
        deep = -deep
    made = Strategy("deep", long_entry=deep > 0)
    assert pickle.loads(pickle.dumps(made)) == made
    assert copy.deepcopy(made) == made


def test_the_display_is_escaped_and_complete():
    made = Strategy("<b>x</b>", long_entry=close < 5, stop_loss=stop.percent(0.05))
    shown = made._repr_html_()
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
    assert "<b>x</b>" not in shown.replace("<b>&lt;", "")
    assert "#0 &lt; #1" in shown
    assert shown.count("<tr>") == 1 + len(made.graph.nodes)
    assert repr(made) == (
        "Strategy('<b>x</b>', long_entry=(close < 5), stop_loss=stop percent 0.05)"
    )


def test_the_display_of_a_large_graph_says_what_it_hides():
    deep = close
    for _ in range(299):
        deep = -deep
    shown = Strategy("deep", long_entry=deep > 0)._repr_html_()
    assert shown.count("<tr>") == 1 + 200
    assert "and 102 more" in shown


def test_to_json_is_a_copy():
    CROSS.to_json()["nodes"].clear()
    assert len(CROSS.to_json()["nodes"]) == 7


def test_numbers_become_expressions():
    made = Strategy("x", long_entry=UP, time_stop=np.int64(5), entry_limit=99.5)
    assert isinstance(made.time_stop, Expr)
    assert (made.time_stop.value, made.entry_limit.value, made.entry_stop) == (5.0, 99.5, None)
    assert repr(made) == "Strategy('x', long_entry=(close > 5), time_stop=5, entry_limit=99.5)"
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_time_stop_that_is_searched_is_whole_and_no_warm_up():
    made = Strategy("x", long_entry=UP, time_stop=param("bars"), entry_stop=close * param("k"))
    assert [p.integer for p in made.parameters.values()] == [True, False]
    assert made.bind({"bars": 5_000, "k": 1.5}) == {"bars": 5_000.0, "k": 1.5}
    assert made.warm_up({"bars": 5_000, "k": 1.5}) == 0
    assert "warm-up: 0 bars" in made.explain()
    for bad in (0, 2.5, -1):
        with pytest.raises(StrategyError, match="'bars' is"):
            made.bind({"bars": bad, "k": 1.5})


def test_a_trailing_stop_is_a_level_like_the_others():
    made = Strategy("x", long_entry=UP, trailing_stop=trail.atr(param("n", 5, 20), 3))
    assert made.graph.roots["trailing_stop"] == len(made.graph.nodes) - 1
    assert made.warm_up({"n": 7}) == 7
    assert made.columns == ("close", "high", "low")
    assert "trailing_stop=trail distance (atr(n) * 3)" in repr(made)


def test_orders_warm_up_too():
    made = Strategy("x", long_entry=UP, entry_limit=ta.lowest(low, 20))
    assert made.warm_up() == 19
    assert made.columns == ("close", "low")


def test_longer_timeframes_are_known_to_the_strategy():
    hourly = on("1h", ta.atr(14) + volume)
    made = Strategy("x", long_entry=(hourly > 1) & (weekday + minute_of_day > 3))
    assert (made.longer, made.clock) == (("1h",), ("minute_of_day", "weekday"))
    assert made.columns == ("close", "high", "low", "volume")
    assert made.warm_up({}, "5m") == made.warm_up(timeframe="5m") == 15 * 12
    with pytest.raises(StrategyError, match=r"on '1h'"):
        made.warm_up()
    assert (CROSS.longer, CROSS.clock) == ((), ())
    assert CROSS.warm_up({"fast": 10, "slow": 20}, "5m") == 20


def test_nothing_looks_ahead():
    with pytest.raises(StrategyError, match="looks ahead"):
        Strategy("x", long_entry=close.shift(-1) > close)


@pytest.mark.parametrize("params", [[1], "fast", 3, (("fast", 1),), {"fast"}])
def test_what_is_no_mapping_of_parameters_is_said(params):
    for ask in (CROSS.bind, CROSS.warm_up, CROSS.explain):
        with pytest.raises(StrategyError, match=r"params is .*\{'fast': 10, 'slow': 10\}"):
            ask(params)


def test_parameters_may_stand_in_a_pandas_row():
    row = pd.Series({"fast": 10, "slow": 20})
    assert CROSS.bind(row) == {"fast": 10.0, "slow": 20.0}


def test_a_strategy_without_parameters_says_so():
    with pytest.raises(StrategyError, match=r"'x' takes no parameters, and \['n'\] are given"):
        Strategy("x", long_entry=UP).bind({"n": 1})


def test_a_scalar_parameter_is_checked_where_it_is_bound():
    made = Strategy(
        "x",
        long_entry=close > ta.quantile(close, 9, param("q")),
        long_exit=close < ta.sar(param("a"), param("top", 0.1, 0.5)),
    )
    assert made.bind({"q": 1, "a": 0.02, "top": 0.2}) == {"q": 1.0, "a": 0.02, "top": 0.2}
    message = r"node 3 \(quantile\), argument 3: parameter 'q' is 1.5; .* from 0 to 1"
    with pytest.raises(StrategyError, match=message):
        made.bind({"q": 1.5, "a": 0.02, "top": 0.2})
    with pytest.raises(StrategyError, match=r"\(sar\), argument 1: parameter 'a' is 0; .* above 0"):
        made.bind({"q": 0.5, "a": 0, "top": 0.2})
    with pytest.raises(StrategyError, match=r"argument 3: parameter 'q' is 2; .* from 0 to 1"):
        made.explain({"q": 2, "a": 0.1, "top": 0.2})


@pytest.mark.parametrize(
    ("made", "columns"),
    [
        (ta.adx(14), ("close", "high", "low")),
        (ta.sar(), ("high", "low")),
        (ta.obv(), ("close", "volume")),
        (ta.supertrend().line, ("close", "high", "low")),
    ],
)
def test_what_an_indicator_reads_by_itself_is_a_column(made, columns):
    assert Strategy("x", long_entry=made > 1).columns == columns
