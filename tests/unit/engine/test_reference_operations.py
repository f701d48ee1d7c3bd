"""Every operation of the table: beside TA-Lib 0.8.2 (called here), its warm-up, its restart."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import talib

from hyprl_lab.engine.reference_operations import (
    OPERATIONS,
    Condition,
    Number,
    Scalar,
    Window,
)

NAN = math.nan
# the project's tolerance beside TA-Lib, of the value or of 1; most agree to 1e-12
TOLERANCE = 1e-9
Bars = dict[str, np.ndarray]


@pytest.fixture(scope="module", params=["random", "sp500", "ticks"])
def bars(request: pytest.FixtureRequest) -> Bars:
    if request.param == "sp500":
        import arch.data.sp500

        frame = arch.data.sp500.load().iloc[-1_500:]
        return {
            name: frame[name.title()].to_numpy(np.float64)
            for name in ("open", "high", "low", "close", "volume")
        }
    stream = np.random.default_rng(20)
    close = 100.0 * np.exp(np.cumsum(stream.normal(0.0, 0.02, 1_500)))
    given = {
        "open": close * (1.0 + stream.uniform(-0.01, 0.01, 1_500)),
        "close": close,
        "volume": np.round(stream.uniform(1.0, 900.0, 1_500)),
    }
    if request.param == "ticks":  # equal prices, bars without a range, stretches without movement
        given["close"] = np.round(1.1 + np.cumsum(stream.choice([0, 0, 0, 1e-4, -1e-4], 1_500)), 4)
        given["close"][600:700] = given["close"][600]
        reach = stream.choice([0.0, 0.0, 1e-4], (2, 1_500))
        reach[:, 600:700] = 0.0
        given["high"] = np.round(given["close"] + reach[0], 4)
        given["low"] = np.round(given["close"] - reach[1], 4)
        return given
    given["high"] = np.maximum(given["open"], close) * (1.0 + stream.uniform(0.0, 0.02, 1_500))
    given["low"] = np.minimum(given["open"], close) * (1.0 - stream.uniform(0.0, 0.02, 1_500))
    return given


def of_bars(bars: Bars, op: str, *arguments: Any) -> list[float]:
    operation = OPERATIONS[op]
    given = [bars[name].tolist() for name in operation.columns]
    return operation.work(*given, *arguments)


def of_close(function: Callable[..., Any]) -> Callable[[Bars, int], Any]:
    return lambda bars, window: function(bars["close"], window)


def of_bar(function: Callable[..., Any]) -> Callable[[Bars, int], Any]:
    return lambda bars, window: function(bars["high"], bars["low"], bars["close"], window)


def of_two(function: Callable[..., Any]) -> Callable[[Bars, int], Any]:
    return lambda bars, window: function(bars["high"], bars["low"], window)


ONE_WINDOW: dict[str, tuple[tuple[str, ...], Callable[[Bars, int], Any], int]] = {
    # what it reads, TA-Lib's function, the least window that TA-Lib has the same of
    "sma": (("close",), of_close(talib.SMA), 1),
    "ema": (("close",), of_close(talib.EMA), 1),
    "wma": (("close",), of_close(talib.WMA), 1),
    "trima": (("close",), of_close(talib.TRIMA), 1),
    "kama": (("close",), of_close(talib.KAMA), 2),  # of window 1 TA-Lib copies the price
    "rsi": (("close",), of_close(talib.RSI), 2),
    "cmo": (("close",), of_close(talib.CMO), 2),
    "sum": (("close",), of_close(talib.SUM), 2),
    "variance": (("close",), of_close(talib.VAR), 1),
    "stdev": (("close",), of_close(talib.STDDEV), 2),
    "highest": (("close",), of_close(talib.MAX), 2),
    "lowest": (("close",), of_close(talib.MIN), 2),
    "linearreg": (("close",), of_close(talib.LINEARREG), 2),
    "linearreg_slope": (("close",), of_close(talib.LINEARREG_SLOPE), 2),
    "correl": (("high", "low"), of_two(talib.CORREL), 1),
    "beta": (("high", "low"), of_two(talib.BETA), 1),
    "atr": ((), of_bar(talib.ATR), 1),
    "plus_di": ((), of_bar(talib.PLUS_DI), 1),
    "minus_di": ((), of_bar(talib.MINUS_DI), 1),
    "dx": ((), of_bar(talib.DX), 2),
    "adx": ((), of_bar(talib.ADX), 2),
}


def agree(mine: list[float], theirs: np.ndarray, name: str) -> None:
    np.testing.assert_array_equal(np.isnan(mine), np.isnan(theirs), err_msg=name)
    np.testing.assert_array_less(
        np.nan_to_num(np.abs(mine - theirs)),
        TOLERANCE * np.maximum(1.0, np.nan_to_num(np.abs(theirs))),
        err_msg=name,
    )


@pytest.mark.parametrize(
    ("op", "window"),
    [
        (op, window)
        for op, (_, _, least) in ONE_WINDOW.items()
        for window in (1, 2, 3, 14, 50, 200)
        if window >= least
    ],
)
def test_agrees_with_talib(bars: Bars, op: str, window: int) -> None:
    reads, function, _ = ONE_WINDOW[op]
    if op == "rsi":  # movement that has faded below 1e-14 is none here; TA-Lib goes on
        bars = cut(bars, slice(0, 610))
    arguments = [bars[name].tolist() for name in reads]
    agree(of_bars(bars, op, *arguments, window), function(bars, window), op)


@pytest.mark.parametrize("window", [2, 3, 14, 50])
def test_a_channel_index_of_the_typical_price_is_talibs(bars: Bars, window: int) -> None:
    typical = ((bars["high"] + bars["low"] + bars["close"]) / 3.0).tolist()
    agree(of_bars(bars, "cci", typical, window), of_bar(talib.CCI)(bars, window), "cci")


@pytest.mark.parametrize("window", [2, 3, 14, 50])
def test_ages_of_extremes_are_aroons(bars: Bars, window: int) -> None:
    down, up = talib.AROON(bars["high"], bars["low"], window)
    for op, column, theirs in (("since_highest", "high", up), ("since_lowest", "low", down)):
        found = of_bars(bars, op, bars[column].tolist(), window)
        agree([100.0 * (window - age) / window for age in found], theirs, op)


@pytest.mark.parametrize(("fast", "slow"), [(12, 26), (26, 12), (2, 3), (5, 5), (3, 50)])
def test_the_line_of_a_macd_is_talibs(bars: Bars, fast: int, slow: int) -> None:
    theirs = talib.MACD(bars["close"], fast, slow, 1)[0]
    agree(of_bars(bars, "macd", bars["close"].tolist(), fast, slow), theirs, "macd")


@pytest.mark.parametrize(("acceleration", "maximum"), [(0.02, 0.2), (0.5, 0.2), (0.1, 5.0)])
def test_a_stop_and_reverse_is_talibs(bars: Bars, acceleration: float, maximum: float) -> None:
    theirs = talib.SAR(bars["high"], bars["low"], acceleration, maximum)
    agree(of_bars(bars, "sar", acceleration, maximum), theirs, "sar")


def test_a_volume_on_balance_is_talibs(bars: Bars) -> None:
    mine = of_bars(bars, "obv", bars["close"].tolist(), bars["volume"].tolist())
    np.testing.assert_array_equal(mine, talib.OBV(bars["close"], bars["volume"]))


@pytest.mark.parametrize(("fast", "slow"), [(3, 10), (2, 3)])
def test_exponential_weights_make_talibs_chaikin_oscillator(
    bars: Bars, fast: int, slow: int
) -> None:
    high, low, close, volume = (bars[name] for name in ("high", "low", "close", "volume"))
    line = talib.AD(high, low, close, volume).tolist()
    mine = np.subtract(of_bars(bars, "ewm", line, fast), of_bars(bars, "ewm", line, slow))
    agree(mine.tolist(), talib.ADOSC(high, low, close, volume, fast, slow), "adosc")


# What they have in common. The window is 5; `macd` has 3 and 5

WARM_UP = {
    **dict.fromkeys(("sma", "ema", "ewm", "wma", "trima", "macd"), 4),
    **dict.fromkeys(("sum", "variance", "stdev", "highest", "lowest", "quantile", "rank"), 4),
    **dict.fromkeys(("linearreg", "linearreg_slope", "correl", "cci"), 4),
    **dict.fromkeys(("kama", "rsi", "cmo", "lag", "beta", "since_highest", "since_lowest"), 5),
    **dict.fromkeys(("atr", "plus_di", "minus_di", "dx"), 5),
    "adx": 9,
    "sar": 1,
    **dict.fromkeys(("obv", "cumulative_sum", "supertrend_line", "supertrend_direction"), 0),
    **dict.fromkeys(("sum_since", "bars_since"), 0),  # where the condition is true at once
}


def evaluated(bars: Bars, op: str, fill: Callable[[str], list[Any]] | None = None) -> list[float]:
    numbers = iter(("close", "open", "high"))
    windows = iter((3, 5)) if op == "macd" else iter((5,))
    scalars = {"q": 0.3, "acceleration": 0.02, "maximum": 0.2}
    arguments: list[Any] = []
    for slot in OPERATIONS[op].slots:
        if isinstance(slot, Number):
            arguments.append(bars[next(numbers)].tolist())
        elif isinstance(slot, Condition):
            arguments.append([t % 7 == 0 for t in range(len(bars["close"]))])
        elif isinstance(slot, Window):
            arguments.append(next(windows))
        elif isinstance(slot, Scalar):
            arguments.append(scalars[slot.name])
    return of_bars(bars, op, *arguments)


def cut(bars: Bars, rows: slice) -> Bars:
    return {name: values[rows] for name, values in bars.items()}


def test_the_table_is_whole() -> None:
    assert set(OPERATIONS) == set(WARM_UP)


@pytest.mark.parametrize("op", WARM_UP)
def test_the_first_value_stands_at_the_warm_up(bars: Bars, op: str) -> None:
    found = evaluated(cut(bars, slice(0, 40)), op)
    assert [t for t, value in enumerate(found) if math.isfinite(value)] == [*range(WARM_UP[op], 40)]
    # as many bars as that have no value at all, and one more has one
    few = evaluated(cut(bars, slice(0, WARM_UP[op])), op)
    assert len(few) == WARM_UP[op]
    assert all(map(math.isnan, few))
    assert math.isfinite(evaluated(cut(bars, slice(0, WARM_UP[op] + 1)), op)[-1])


@pytest.mark.parametrize("op", [op for op in WARM_UP if op not in {"lag", "bars_since", "atr"}])
def test_a_missing_value_starts_everything_anew(bars: Bars, op: str) -> None:
    row = 76  # the condition is true on the bar after it
    gap = {name: values[:160].copy() for name, values in bars.items()}
    for values in gap.values():
        values[row] = NAN
    found = evaluated(gap, op)
    np.testing.assert_array_equal(found[:row], evaluated(bars, op)[:row])
    assert math.isnan(found[row])
    np.testing.assert_array_equal(found[row + 1 :], evaluated(cut(gap, slice(row + 1, 160)), op))


@pytest.mark.parametrize("op", WARM_UP)
def test_what_comes_later_changes_nothing(bars: Bars, op: str) -> None:
    whole = evaluated(cut(bars, slice(0, 90)), op)
    for rows in (1, 2, 17, 60):
        np.testing.assert_array_equal(evaluated(cut(bars, slice(0, rows)), op), whole[:rows])


@pytest.mark.parametrize("op", WARM_UP)
def test_nothing_comes_of_nothing(op: str) -> None:
    for values in ([], [NAN], [NAN] * 12):
        given = {name: np.array(values) for name in ("open", "high", "low", "close", "volume")}
        found = evaluated(given, op)
        assert len(found) == len(values)
        if op != "bars_since":
            assert all(map(math.isnan, found))
