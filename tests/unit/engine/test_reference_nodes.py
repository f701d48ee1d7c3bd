"""Node by node, over bars and over the bars of a longer timeframe."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import talib

from hyprl_lab.data.longer import LongerBars
from hyprl_lab.engine.config import AllIn, Execution
from hyprl_lab.engine.reference_nodes import Reading
from hyprl_lab.engine.simulation import SimulationInputs
from hyprl_lab.errors import BarsError, CancelledError, StrategyError

NAN = math.nan
TOLERANCE = 1e-9  # relative; running sums of both drift alike, in the last digits
CLOCK = ("minute_of_day", "weekday", "bar_of_session")
Node = dict[str, Any]


def column(name: str) -> Node:
    return {"op": "column", "name": name}


def constant(value: float) -> Node:
    return {"op": "constant", "value": value}


def op(name: str, *arguments: int, **more: Any) -> Node:
    return {"op": name, "args": list(arguments), **more}


def on(timeframe: str, argument: int) -> Node:
    return op("on", argument, timeframe=timeframe)


def given(columns: dict[str, Any], **more: Any) -> SimulationInputs:
    arrays = {name: np.array(values, np.float64) for name, values in columns.items()}
    bars = len(next(iter(arrays.values())))
    settings: dict[str, Any] = {
        "columns": arrays,
        "graph": {},
        "params": {},
        "risk": AllIn(),
        "execution": Execution(),
        "cash": 1.0,
        "start": 0,
        "headline": np.arange(bars),
        "periods_per_year": 252.0,
        "years": 1.0,
        "ts": np.arange(bars, dtype=np.int64),
        "bars_per_year": 252.0,
    }
    return SimulationInputs(**(settings | more))


def read(nodes: list[Node], columns: dict[str, Any], **more: Any) -> list[Any]:
    """The values of the last node."""
    reading = Reading(given(columns, **more), nodes)
    last = len(nodes) - 1
    reading.run([last])
    return reading.numbers[last] if last in reading.numbers else list(reading.truths[last])


def truth(name: str) -> list[Node]:
    """A condition off a column: 1 true, 0 false, missing. The last of its three nodes is it."""
    return [column(name), constant(0.5), op("greater", 0, 1)]


def test_arithmetic_is_ieee_and_what_is_not_finite_is_missing() -> None:
    columns = {"a": [6.0, 1.0, NAN, 1e308, 1e308], "b": [3.0, 0.0, 2.0, 1e-308, -1e308]}
    for name, expected in {
        "add": [9.0, 1.0, NAN, 1e308, 0.0],
        "subtract": [3.0, 1.0, NAN, 1e308, NAN],
        "multiply": [18.0, 0.0, NAN, 1.0, NAN],
        "divide": [2.0, NAN, NAN, NAN, -1.0],
        "minimum": [3.0, 0.0, NAN, 1e-308, -1e308],
        "maximum": [6.0, 1.0, NAN, 1e308, 1e308],
    }.items():
        got = read([column("a"), column("b"), op(name, 0, 1)], columns)
        np.testing.assert_allclose(got, expected, rtol=1e-15, err_msg=name)
    values = {"a": [1.0, -2.0, NAN]}
    np.testing.assert_array_equal(read([column("a"), op("negate", 0)], values), [-1.0, 2.0, NAN])
    np.testing.assert_array_equal(read([column("a"), op("absolute", 0)], values), [1.0, 2.0, NAN])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("less", [True, False, False]),
        ("less_equal", [True, True, False]),
        ("greater", [False, False, True]),
        ("greater_equal", [False, True, True]),
        ("equal", [False, True, False]),
        ("not_equal", [True, False, True]),
    ],
)
def test_comparisons(name: str, expected: list[bool]) -> None:
    columns = {"a": [1.0, 2.0, 3.0, NAN], "b": [2.0, 2.0, 2.0, 2.0]}
    nodes = [column("a"), column("b"), op(name, 0, 1)]
    assert read(nodes, columns) == [*expected, None]
    # a missing comparison is missing, not false: its negation does not hold either
    assert read([*nodes, op("not", 2)], columns) == [*(not value for value in expected), None]


def test_kleene_logic() -> None:
    states = [1.0, 0.0, NAN]  # true, false, missing: a and b run over every pair
    columns = {"a": [x for x in states for _ in states], "b": states * 3}
    base = [column("a"), column("b"), constant(0.5), op("greater", 0, 2), op("greater", 1, 2)]
    assert read([*base, op("and", 3, 4)], columns) == [
        *(True, False, None),
        *(False, False, False),
        *(None, False, None),
    ]
    assert read([*base, op("or", 3, 4)], columns) == [
        *(True, True, True),
        *(True, False, None),
        *(True, None, None),
    ]


def test_crosses_count_from_on_the_line_and_need_both_bars() -> None:
    columns = {"a": [1.0, 2.0, 3.0, 2.0, 1.0, NAN, 3.0, 1.0, 3.0], "b": [2.0] * 9}
    nodes = [column("a"), column("b")]
    above = read([*nodes, op("crosses_above", 0, 1)], columns)
    below = read([*nodes, op("crosses_below", 0, 1)], columns)
    assert [t for t, value in enumerate(above) if value] == [2, 8]
    assert [t for t, value in enumerate(below) if value] == [4, 7]
    assert [t for t, value in enumerate(above) if value is None] == [0, 5, 6]


def test_shift_moves_numbers_and_conditions() -> None:
    values = {"a": [1.0, 2.0, 3.0]}
    for bars, expected in {2: [NAN, NAN, 1.0], 9: [NAN] * 3, 0: [1.0, 2.0, 3.0]}.items():
        got = read([column("a"), op("shift", 0, bars=bars)], values)
        np.testing.assert_array_equal(got, expected)
    nodes = [*truth("a"), op("shift", 2, bars=1)]
    assert read(nodes, {"a": [1.0, 0.0, 1.0]}) == [None, True, False]


def test_where_is_missing_where_its_condition_is() -> None:
    nodes = [*truth("if"), column("a"), column("b"), op("where", 2, 3, 4)]
    columns = {
        "if": [1.0, 0.0, NAN, 1.0, 0.0],
        "a": [1.0, NAN, 3.0, NAN, 5.0],
        "b": [NAN, 20.0, 30.0, 40.0, NAN],
    }
    np.testing.assert_array_equal(read(nodes, columns), [1.0, 20.0, NAN, NAN, NAN])


def test_bars_since_and_held_for() -> None:
    columns = {"a": [NAN, 0.0, 1.0, NAN, 0.0, 1.0, 1.0]}
    np.testing.assert_array_equal(
        read([*truth("a"), op("bars_since", 2)], columns), [NAN, NAN, 0.0, 1.0, 2.0, 0.0, 0.0]
    )
    assert read([*truth("a"), constant(2), op("held_for", 2, 3)], columns) == [
        *(None, False, False, None),
        *(False, False, True),
    ]


@pytest.mark.parametrize("name", CLOCK)
def test_session_nodes_read_the_clock(name: str) -> None:
    columns = {"a": [0.0, 0.0]}
    assert read([op(name)], columns, clock={name: np.array([570.0, 575.0])}) == [570.0, 575.0]
    with pytest.raises(BarsError, match=rf"node 0 \({name}\) reads the clock; .*\['other'\]"):
        read([op(name)], columns, clock={"other": np.zeros(2)})
    with pytest.raises(BarsError, match=f"{name} has 1 values; there are 2 bars"):
        read([op(name)], columns, clock={name: np.zeros(1)})


LOGISTIC = {
    "kind": "logistic",
    "intercept": 0.25,
    "coefficients": [2.0, -0.5],
    "means": [1.0, 0.0],
    "scales": [4.0, 0.1],
    "trained_until_us": 1,
}


def test_a_probability_says_nothing_of_its_training() -> None:
    nodes = [column("a"), column("b"), op("probability", 0, 1, model=LOGISTIC)]
    got = read(nodes, {"a": [1.0, 1.0, 1.0, 3.0, NAN], "b": [0.0, 0.0, 0.0, 0.1, 0.0]})
    # bars 0 and 1 open no later than training ended; z is 0.25, then 0.25 + 2·0.5 - 0.5·1
    expected = [NAN, NAN, 1 / (1 + math.exp(-0.25)), 1 / (1 + math.exp(-0.75)), NAN]
    np.testing.assert_allclose(got, expected, rtol=1e-15)


def test_parameters_bind_and_windows_take_them() -> None:
    nodes = [column("a"), {"op": "parameter", "name": "n"}, op("sma", 0, 1)]
    got = read(nodes, {"a": [1.0, 2.0, 3.0, 4.0]}, params={"n": 2})
    np.testing.assert_array_equal(got, [NAN, 1.5, 2.5, 3.5])


def made_up(bars: int = 300) -> dict[str, np.ndarray]:
    stream = np.random.default_rng(11)
    close = 100 * np.exp(np.cumsum(stream.normal(0, 0.02, bars)))
    opened = np.concatenate([[100.0], close[:-1]])
    reach = np.abs(stream.normal(0, 1, (2, bars)))
    return {
        "open": opened,
        "high": np.maximum(opened, close) + reach[0],
        "low": np.minimum(opened, close) - reach[1],
        "close": close,
        "volume": stream.uniform(1.0, 9.0, bars),
        "feature": np.where(stream.random(bars) < 0.1, NAN, stream.normal(size=bars)),
        "flag": stream.choice([0.0, 1.0, NAN], bars, p=[0.3, 0.6, 0.1]),
    }


def test_indicators_stand_behind_their_names() -> None:
    bars = made_up()
    high, low, close = bars["high"], bars["low"], bars["close"]
    for name, expected in {
        "sma": talib.SMA(close, 7),
        "ema": talib.EMA(close, 7),
        "rsi": talib.RSI(close, 7),
        "highest": talib.MAX(close, 7),
        "lowest": talib.MIN(close, 7),
        "sum": talib.SUM(close, 7),
        "stdev": talib.STDDEV(close, 7),
    }.items():
        got = read([column("close"), constant(7), op(name, 0, 1)], bars)
        np.testing.assert_allclose(got, expected, rtol=TOLERANCE, err_msg=name)
    got = read([constant(7), op("atr", 0)], bars)
    np.testing.assert_allclose(got, talib.ATR(high, low, close, 7), rtol=TOLERANCE)


def test_nested_warm_up_adds() -> None:
    bars = made_up()
    nodes = [column("close"), constant(20), op("sma", 0, 1), constant(5), op("ema", 2, 3)]
    got = read(nodes, bars)
    assert np.flatnonzero(np.isfinite(got))[0] == 19 + 4
    expected = talib.EMA(talib.SMA(bars["close"], 20)[19:], 5)
    np.testing.assert_allclose(got[19:], expected, rtol=TOLERANCE)


# A longer timeframe


def quarters(bars: int, every: int = 4, missing: tuple[int, ...] = ()) -> LongerBars:
    """Bars of which `every` make a longer one; `missing` counts the rows that were never traded."""
    stamps = np.array([t for t in range(bars + len(missing)) if t not in missing], np.int64)
    return LongerBars(stamps // every, stamps % every == every - 1)


def test_the_watch_is_asked_before_each_node_and_may_stop() -> None:
    class Watch:
        def __init__(self, patience: int) -> None:
            self.asked: list[tuple[int, int]] = []
            self.patience = patience

        def check(self, done: int, total: int) -> None:
            self.asked.append((done, total))
            if len(self.asked) > self.patience:
                raise CancelledError("enough")

    inputs = given({"a": np.arange(8.0)}, longer={"1h": quarters(8)})
    nodes = [column("a"), constant(2.0), op("sma", 0, 1), on("1h", 2), op("add", 0, 3)]
    watch = Watch(patience=99)
    Reading(inputs, nodes, watch=watch).run([4])
    assert watch.asked == [(0, 8)] * 6  # three of the bars; under on three more
    for patience in range(6):
        with pytest.raises(CancelledError, match="enough"):
            Reading(inputs, nodes, watch=Watch(patience)).run([4])


def test_on_gives_the_last_closed_longer_bar() -> None:
    # longer bars: rows 0-3, 4-6 (its last was never traded), 7-10, and 11 that is growing
    longer = {"1h": quarters(12, missing=(7,))}
    assert longer["1h"].bucket.tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3]
    a = {"close": np.arange(12.0)}
    got = read([column("close"), on("1h", 0)], a, longer=longer)
    np.testing.assert_array_equal(got, [NAN] * 3 + [3.0] * 4 + [6.0] * 3 + [10.0] * 2)
    nodes = [column("close"), constant(5.0), op("greater", 0, 1), on("1h", 2)]
    assert read(nodes, a, longer=longer) == [None] * 3 + [False] * 4 + [True] * 5


def test_everything_under_on_is_counted_in_longer_bars() -> None:
    bars = made_up(240)
    hours = pd.DataFrame(bars).groupby(np.arange(240) // 4)
    close = hours["close"].last().to_numpy()
    high, low = hours["high"].max().to_numpy(), hours["low"].min().to_numpy()
    cases: dict[str, tuple[list[Node], np.ndarray]] = {
        "sma": ([column("close"), constant(5), op("sma", 0, 1)], talib.SMA(close, 5)),
        "atr": ([constant(5), op("atr", 0)], talib.ATR(high, low, close, 5)),
        "shift": ([column("close"), op("shift", 0, bars=2)], np.r_[NAN, NAN, close[:-2]]),
        "open": ([column("open")], hours["open"].first().to_numpy()),
        "volume": ([column("volume")], hours["volume"].sum().to_numpy()),
    }
    for name, (nodes, hourly) in cases.items():
        got = read([*nodes, on("1h", len(nodes) - 1)], bars, longer={"1h": quarters(240)})
        known = np.repeat(np.r_[NAN, hourly], 4)[1:241]  # from the fourth quarter of its hour on
        np.testing.assert_allclose(got, known, rtol=TOLERANCE, err_msg=name)


def test_a_node_means_one_thing_on_each_timeframe() -> None:
    nodes = [
        *(column("close"), {"op": "parameter", "name": "n"}, op("sma", 0, 1)),
        *(on("1h", 2), on("2h", 2), op("add", 2, 3), op("add", 4, 5)),
    ]
    longer = {"1h": quarters(48), "2h": quarters(48, 8)}
    close = np.arange(48.0) ** 2
    got = read(nodes, {"close": close}, longer=longer, params={"n": 2})
    # at the last bar: quarters 46 and 47, hours ending in 43 and 47, double hours in 39 and 47
    assert got[-1] == sum(close[[46, 47, 43, 47, 39, 47]]) / 2
    assert np.isnan(got[:15]).all()
    assert not math.isnan(got[15])


def test_on_of_a_constant_is_missing_before_the_first_longer_bar_closes() -> None:
    got = read(
        [column("a"), constant(2.0), on("1h", 1)], {"a": [0.0] * 5}, longer={"1h": quarters(5)}
    )
    np.testing.assert_array_equal(got, [NAN, NAN, NAN, 2.0, 2.0])


def test_a_window_under_on_is_one_of_longer_bars() -> None:
    nodes = [column("a"), {"op": "parameter", "name": "n"}, op("sma", 0, 1), on("1h", 2)]
    bars: dict[str, Any] = {"columns": {"a": np.arange(9.0)}, "longer": {"1h": quarters(9)}}
    assert np.isnan(read(nodes, params={"n": 3.0}, **bars)).all()  # the third is still growing
    with pytest.raises(StrategyError, match=r"node 2 \(sma\): window 4; .* the 3 bars"):
        read(nodes, params={"n": 4.0}, **bars)


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([column("a"), on("1h", 0), on("1h", 1)], r"node 1 \(on\) can't stand inside another on"),
        ([column("a"), on("1h", 0), on("2h", 1)], r"node 1 \(on\) can't stand inside another on"),
        ([op("weekday"), on("1h", 0)], r"node 0 \(weekday\) can't stand inside on"),
        (
            [column("a"), column("a"), op("probability", 0, 1, model=LOGISTIC), on("1h", 2)],
            r"node 2 \(probability\) can't stand inside on",
        ),
        ([column("a"), op("shift", 0, bars=-1), on("1h", 1)], r"node 1 \(shift\)"),
        ([column("a"), on("1h", 0), op("sma", 0, 1)], r"its window is node 1 \(on\)"),
        ([column("a"), on("1h", 0), op("not", 1)], "node 2 .* needs a condition; node 1"),
    ],
)
def test_what_may_not_stand_under_on(nodes: list[Node], message: str) -> None:
    longer = {"1h": quarters(8), "2h": quarters(8, 8)}
    clock = {"weekday": np.zeros(8)}
    with pytest.raises(StrategyError, match=message):
        read(nodes, {"a": np.ones(8)}, longer=longer, clock=clock)


def test_longer_bars_that_were_not_given_are_named() -> None:
    with pytest.raises(BarsError, match=r"node 1 \(on\) reads '1d' bars; given are \['1h'\]"):
        read([column("a"), on("1d", 0)], {"a": np.ones(8)}, longer={"1h": quarters(8)})
    with pytest.raises(BarsError, match=r"node 0 \(column\) reads column 'vix'"):
        read([column("vix"), on("1h", 0)], {"a": np.ones(8)}, longer={"1h": quarters(8)})


# No node looks ahead

SINGLE: dict[str, list[Node]] = {
    "column": [column("feature")],
    "constant": [constant(2.0)],
    "parameter": [{"op": "parameter", "name": "n"}],
    **{
        name: [column("close"), column("feature"), op(name, 0, 1)]
        for name in ("add", "subtract", "multiply", "divide", "minimum", "maximum")
    },
    **{
        name: [column("close"), column("open"), op(name, 0, 1)]
        for name in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
    },
    **{
        name: [column("feature"), constant(0.0), op(name, 0, 1)]
        for name in ("crosses_above", "crosses_below")
    },
    **{name: [column("feature"), op(name, 0)] for name in ("negate", "absolute")},
    "and": [*truth("flag"), column("feature"), op("greater", 3, 1), op("and", 2, 4)],
    "or": [*truth("flag"), column("feature"), op("greater", 3, 1), op("or", 2, 4)],
    "not": [*truth("flag"), op("not", 2)],
    "shift": [column("feature"), op("shift", 0, bars=3)],
    "shift of a condition": [*truth("flag"), op("shift", 2, bars=3)],
    **{
        f"{name} of {source}": [column(source), constant(3), op(name, 0, 1)]
        for name in (
            *("sma", "ema", "ewm", "wma", "trima", "kama", "rsi", "cmo", "cci", "lag", "rank"),
            *("highest", "lowest", "since_highest", "since_lowest", "sum", "variance", "stdev"),
            *("linearreg", "linearreg_slope"),
        )
        for source in ("close", "feature")
    },
    **{name: [constant(3), op(name, 0)] for name in ("atr", "plus_di", "minus_di", "dx", "adx")},
    **{
        name: [column("close"), column("feature"), constant(3), op(name, 0, 1, 2)]
        for name in ("correl", "beta")
    },
    **{
        name: [column("close"), constant(3), column("feature"), op(name, 0, 1, 2)]
        for name in ("supertrend_line", "supertrend_direction")
    },
    "macd": [column("feature"), constant(2), constant(3), op("macd", 0, 1, 2)],
    "quantile": [column("feature"), constant(3), constant(0.25), op("quantile", 0, 1, 2)],
    "sar": [constant(0.1), constant(0.3), op("sar", 0, 1)],
    "obv": [column("close"), column("feature"), op("obv", 0, 1)],
    "cumulative_sum": [column("feature"), op("cumulative_sum", 0)],
    "sum_since": [*truth("flag"), column("feature"), op("sum_since", 2, 3)],
    "where": [*truth("flag"), column("close"), column("feature"), op("where", 2, 3, 4)],
    "bars_since": [*truth("flag"), op("bars_since", 2)],
    "held_for": [*truth("flag"), constant(3), op("held_for", 2, 3)],
}
AT_HAND: dict[str, list[Node]] = {
    **{name: [op(name)] for name in CLOCK},
    "probability": [
        column("close"),
        column("feature"),
        op("probability", 0, 1, model=LOGISTIC | {"trained_until_us": 30}),
    ],
}
CASES = (
    SINGLE
    | AT_HAND
    | {f"on of {name}": [*nodes, on("1h", len(nodes) - 1)] for name, nodes in SINGLE.items()}
)


@pytest.mark.parametrize("name", CASES)
def test_what_comes_later_changes_nothing(name: str) -> None:
    bars, longer = made_up(80), quarters(80, missing=(5, 19, 20, 21, 22, 23))
    clock = {node: np.arange(80.0) % (7 + i) for i, node in enumerate(CLOCK)}

    def values(rows: int) -> list[Any]:
        return read(
            CASES[name],
            {key: column[:rows] for key, column in bars.items()},
            params={"n": 4.0},
            clock={key: column[:rows] for key, column in clock.items()},
            longer={"1h": LongerBars(longer.bucket[:rows], longer.closed[:rows])},
        )

    def plain(series: list[Any]) -> list[Any]:
        return ["missing" if value is None or value != value else value for value in series]

    whole = plain(values(80))
    assert set(whole) != {"missing"}
    for rows in range(12, 80):  # three longer bars at least, for windows of three
        assert plain(values(rows)) == whole[:rows]


# What is refused

TAIL = [constant(0.0), op("greater", 0, 1)]


@pytest.mark.parametrize("window", [0, -1, 2.5, 4, NAN])
@pytest.mark.parametrize("name", ["sma", "sum", "stdev", "held_for", "kama", "rank", "lag"])
def test_a_window_is_a_whole_number_of_the_bars(name: str, window: float) -> None:
    source = 2 if name == "held_for" else 0
    nodes = [*truth("a"), {"op": "parameter", "name": "n"}, op(name, source, 3)]
    with pytest.raises(StrategyError, match=rf"node \d \(({name}|parameter)\)"):
        read(nodes, {"a": [1.0, 2.0, 3.0]}, params={"n": window})


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([column("a"), column("a"), op("sma", 0, 1)], "node 2 .*: its window is node 1"),
        ([{"op": "parameter", "name": "n"}, *TAIL], r"node 0 \(parameter\): parameter 'n'"),
        ([{"op": "peek", "args": []}, *TAIL], "node 0 has the unknown op 'peek'"),
        ([{"op": "constant", "value": NAN}], r"node 0 \(constant\) is nan"),
        ([{"op": "constant", "value": "1"}], r"node 0 \(constant\) is '1'"),
        ([column("a"), op("shift", 0, bars=-1)], r"node 1 \(shift\)"),
        ([column("a"), op("shift", 0, bars=1.0)], r"node 1 \(shift\)"),
        ([column("a"), op("less", 0)], r"node 1 \(less\) has 1 arguments; it takes 2"),
        ([column("a"), op("where", 0, 0)], r"node 1 \(where\) has 2 arguments; it takes 3"),
        ([column("a"), op("weekday", 0)], r"node 1 \(weekday\) has 1 arguments; it takes 0"),
        ([column("a"), op("less", 0, 1)], "must come before"),
        ([column("a"), op("less", 0, 7)], "must come before"),
        ([column("a"), op("not", 0)], r"node 1 \(not\) needs a condition; node 0"),
        ([column("a"), op("bars_since", 0)], r"node 1 \(bars_since\) needs a condition"),
        ([column("a"), op("where", 0, 0, 0)], r"node 1 \(where\) needs a condition"),
        ([*truth("a"), op("where", 2, 0, 2)], r"node 3 \(where\) needs a number; node 2"),
        ([*truth("a"), op("absolute", 2)], r"node 3 \(absolute\) needs a number"),
        ([*truth("a"), op("maximum", 0, 2)], r"node 3 \(maximum\) needs a number"),
        ([*truth("a"), op("sum_since", 0, 0)], r"node 3 \(sum_since\) needs a condition; node 0"),
        ([*truth("a"), op("sum_since", 2, 2)], r"node 3 \(sum_since\) needs a number; node 2"),
        ([*truth("a"), op("cci", 2, 1)], r"node 3 \(cci\) needs a number; node 2"),
        ([column("a"), op("macd", 0, 0)], r"node 1 \(macd\) has 2 arguments; it takes 3"),
        ([op("adx")], r"node 0 \(adx\) has 0 arguments; it takes 1"),
        ([column("a"), op("probability", 0)], r"node 1 \(probability\) has the model None"),
        ([op("probability", model=LOGISTIC)], r"node 0 \(probability\) has no arguments"),
    ],
)
def test_a_malformed_graph_names_its_node(nodes: list[Node], message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        read(nodes, {"a": [1.0, 2.0, 3.0]})


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (
            [column("a"), constant(0), constant(2), op("macd", 0, 1, 2)],
            r"node 3 \(macd\): fast window 0; expected a whole number from 1 to the 3 bars",
        ),
        (
            [column("a"), constant(2), constant(4), op("macd", 0, 1, 2)],
            r"node 3 \(macd\): slow window 4; expected a whole number from 1 to the 3 bars",
        ),
        (
            [column("a"), constant(2), op("macd", 0, 1, 0)],
            r"node 2 \(macd\): its slow window is node 0 \(column\); expected a constant",
        ),
        (
            [column("a"), constant(2), constant(1.5), op("quantile", 0, 1, 2)],
            r"node 3 \(quantile\): q 1.5; expected a number from 0 to 1",
        ),
        (
            [column("a"), constant(2), constant(-0.01), op("quantile", 0, 1, 2)],
            r"node 3 \(quantile\): q -0.01; expected a number from 0 to 1",
        ),
        (
            [column("a"), constant(2), op("quantile", 0, 1, 0)],
            r"node 2 \(quantile\): its q is node 0 \(column\); expected a constant or a parameter",
        ),
        (
            [constant(0), constant(0.2), op("sar", 0, 1)],
            r"node 2 \(sar\): acceleration 0; expected a number above 0",
        ),
        (
            [constant(0.02), {"op": "parameter", "name": "most"}, op("sar", 0, 1)],
            r"node 2 \(sar\): maximum -1; expected a number above 0",
        ),
        (
            [column("a"), constant(0.2), op("sar", 0, 1)],
            r"node 2 \(sar\): its acceleration is node 0 \(column\); expected a constant",
        ),
    ],
)
def test_what_holds_for_all_bars_is_checked(nodes: list[Node], message: str) -> None:
    columns = {name: [1.0, 2.0, 3.0] for name in ("a", "high", "low")}
    with pytest.raises(StrategyError, match=message):
        read(nodes, columns, params={"most": -1.0})


def test_a_result_that_is_not_finite_is_missing_and_the_state_goes_on() -> None:
    columns = {"a": [1e308, 1e308, 1.0, 1.0, 1.0], "flag": [1.0, 0.0, 0.0, 1.0, 0.0]}
    for name, expected in {
        "cumulative_sum": ([column("a"), op("cumulative_sum", 0)], [1e308, *[NAN] * 4]),
        "sum_since": (
            [*truth("flag"), column("a"), op("sum_since", 2, 3)],
            [1e308, NAN, NAN, 1.0, 2.0],
        ),
        "wma": ([column("a"), constant(2), op("wma", 0, 1)], [NAN] * 5),
        "variance": ([column("a"), constant(2), op("variance", 0, 1)], [NAN, 0.0, NAN, NAN, NAN]),
    }.items():
        nodes, values = expected
        np.testing.assert_array_equal(read(nodes, columns), values, err_msg=name)
