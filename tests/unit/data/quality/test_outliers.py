from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.quality.outliers import outliers

NONE = np.empty(0, dtype=np.int64)


@pytest.fixture
def prices(make_bars, weekdays):
    """Columns of calm daily bars, to be spoilt."""

    def make():
        return {name: values.copy() for name, values in make_bars(weekdays, "1d").columns.items()}

    return make


def spoil(prices, row, factor, bars=1):
    for name in ("open", "high", "low", "close"):
        prices[name][row : row + bars] *= factor
    return prices


def test_calm_bars_have_none(make_bars, weekdays, subject_of):
    assert outliers(subject_of(make_bars(weekdays, "1d")), NONE) == []


@pytest.mark.parametrize("bars", [1, 2, 3])
def test_a_spike_that_comes_back_is_a_warning(prices, make_bars, weekdays, subject_of, bars):
    spoilt = spoil(prices(), 150, 1.4, bars)
    (found,) = outliers(subject_of(make_bars(weekdays, "1d", **spoilt)), NONE)
    assert (found.severity, found.rows) == ("warning", (150,))
    assert "row 150" in found.detail


def test_a_move_that_stays_is_information(prices, make_bars, weekdays, subject_of):
    spoilt = spoil(prices(), 150, 0.7, 150)
    (found,) = outliers(subject_of(make_bars(weekdays, "1d", **spoilt)), NONE)
    assert (found.severity, found.rows) == ("info", (150,))


def test_a_split_is_explained_elsewhere(prices, make_bars, weekdays, subject_of):
    spoilt = spoil(prices(), 150, 0.5, 150)
    bars = make_bars(weekdays, "1d", **spoilt)
    assert outliers(subject_of(bars), np.array([150])) == []


@pytest.mark.parametrize(("column", "factor"), [("high", 1.3), ("low", 0.7)])
def test_a_bad_high_or_low_is_a_warning(prices, make_bars, weekdays, subject_of, column, factor):
    spoilt = prices()
    spoilt[column][40] *= factor
    (found,) = outliers(subject_of(make_bars(weekdays, "1d", **spoilt)), NONE)
    assert (found.severity, found.rows) == ("warning", (40,))


def test_the_threshold_is_ten_usual_moves(make_bars, weekdays, subject_of):
    """Closes go up and down by 1 %, so the usual move is 1.4826 % and far is 14.826 %."""
    steps = np.where(np.arange(300) % 2, 0.01, -0.01)
    for size, expected in ((0.147, 0), (0.1495, 1)):
        moves = steps.copy()
        moves[128] = size
        close = 100.0 * np.exp(np.cumsum(moves))
        flat = dict.fromkeys(("open", "high", "low", "close"), close)
        assert len(outliers(subject_of(make_bars(weekdays, "1d", **flat)), NONE)) == expected


def test_a_storm_is_measured_by_itself(make_bars, weekdays, subject_of):
    """Ten times as wild from row 128 on: not each of its bars is an outlier."""
    moves = np.random.default_rng(3).uniform(-0.004, 0.004, 300)
    moves[128:] *= 10
    close = 100.0 * np.exp(np.cumsum(moves))
    flat = dict.fromkeys(("open", "high", "low", "close"), close)
    assert outliers(subject_of(make_bars(weekdays, "1d", **flat)), NONE) == []


def test_nights_are_measured_against_nights(make_bars, minutes_of, subject_of):
    ts = minutes_of("2024-01-02", "2024-06-28")
    rng = np.random.default_rng(2)
    moves = rng.uniform(-0.001, 0.001, ts.size)
    nights = np.flatnonzero(np.diff(ts) > 3_600_000_000) + 1
    moves[nights] = rng.uniform(0.01, 0.03, nights.size) * rng.choice([-1, 1], nights.size)
    for extra, rows in ((0.0, ()), (0.5, (int(nights[60]),))):
        moves[nights[60]] += extra
        close = 100.0 * np.exp(np.cumsum(moves))
        flat = dict.fromkeys(("open", "high", "low", "close"), close)
        found = outliers(subject_of(make_bars(ts, **flat)), NONE)
        assert tuple(row for one in found for row in one.rows) == rows


def test_prices_that_rest_are_measured_by_the_moves_there_are(make_bars, weekdays, subject_of):
    close = np.full(300, 100.0)
    close[::50] = 100.5
    flat = dict.fromkeys(("open", "high", "low", "close"), close)
    assert outliers(subject_of(make_bars(weekdays, "1d", **flat)), NONE) == []
    still = dict.fromkeys(("open", "high", "low", "close"), np.full(300, 100.0))
    assert outliers(subject_of(make_bars(weekdays, "1d", **still)), NONE) == []


def test_few_bars_are_not_judged(make_bars, weekdays, subject_of):
    close = np.array([1.0] * 19 + [900.0])
    flat = dict.fromkeys(("open", "high", "low", "close"), close)
    few = make_bars(weekdays[:20], "1d", volume=np.ones(20), **flat)
    assert outliers(subject_of(few), NONE) == []


def test_parts_of_long_series_join(make_bars, subject_of):
    """A spike on each side of the edge between two parts, and one in the last block."""
    rows = (65_535, 65_536 + 40, 139_990)
    ts = np.arange(140_000) * 60_000_000
    calm = {name: v.copy() for name, v in make_bars(ts, "1m", "24/7").columns.items()}
    for row in rows:
        spoil(calm, row, 1.5)
    (found,) = outliers(subject_of(make_bars(ts, "1m", "24/7", **calm)), NONE)
    assert (found.severity, found.rows) == ("warning", rows)
    assert sum(found.spread) == 3


def test_the_bad_prints_of_real_bars(shared, subject_of):
    """A low of 111 beside 131 on 18 December 2000; crypto's crash of March 2020 is no bad print."""
    found = outliers(subject_of(shared("spy_1d", "1d")), NONE)
    assert [one.severity for one in found] == ["warning"]
    assert "low 111, high 133.47, close 132.38 after 131.45" in found[0].detail
    (crash,) = outliers(subject_of(shared("btcusd_1d", "1d")), NONE)
    assert (crash.severity, crash.count) == ("info", 1)


def up_and_down(count, size=0.01):
    """Logarithms of closes, up and down by one size: the usual move is 1.4826 times it."""
    return np.where(np.arange(count) % 2, size, 0.0)


def told(bars, subject_of):
    return [(one.severity, one.rows) for one in outliers(subject_of(bars), NONE)]


@pytest.mark.parametrize(
    ("left", "expected"), [(0.19, [("warning", (150,))]), (0.21, [("info", (150, 151))])]
)
def test_a_spike_comes_back_to_a_fifth_of_its_move(flat_days, subject_of, left, expected):
    logs = up_and_down(300)
    logs[150] = logs[149] + 0.4
    logs[151:] = logs[149] + 0.4 * left + up_and_down(149)
    assert told(flat_days(logs), subject_of) == expected


@pytest.mark.parametrize(
    ("bars", "expected"), [(3, [("warning", (150,))]), (4, [("info", (150, 154))])]
)
def test_a_spike_comes_back_within_three_bars(flat_days, subject_of, bars, expected):
    """The close of row 153 is three bars after that of row 150."""
    logs = up_and_down(300)
    logs[150 : 150 + bars] += 0.4
    assert told(flat_days(logs), subject_of) == expected


@pytest.mark.parametrize(("size", "rows"), [(0.147, ()), (0.1495, (150,))])
@pytest.mark.parametrize("name", ["high", "low"])
def test_a_high_or_low_is_far_beyond_ten_usual_moves(flat_days, subject_of, name, size, rows):
    """From the further of both closes: row 149 is 1 % above row 150. Far is 14.826 %."""
    logs = up_and_down(300)
    sign, edge = (1, logs[149]) if name == "high" else (-1, logs[150])
    values = 100.0 * np.exp(logs)
    values[150] = 100.0 * np.exp(edge + sign * size)
    bars = flat_days(logs, **{name: values})
    assert [row for _, found in told(bars, subject_of) for row in found] == list(rows)


@pytest.mark.parametrize(("row", "expected"), [(191, []), (192, [("info", (192,))])])
def test_a_storm_reaches_one_block_of_64_further(flat_days, subject_of, row, expected):
    """Rows 64 to 127 are twice as wild, so up to row 191 far is 29.652 %, and then 14.826 %."""
    logs = up_and_down(320)
    logs[64:128] *= 2.0
    logs[row:] += 0.2 if row % 2 == 0 else -0.2
    assert told(flat_days(logs), subject_of) == expected


@pytest.mark.parametrize(("row", "expected"), [(128, []), (127, [("info", (127,))])])
def test_a_storm_reaches_one_block_of_64_back(flat_days, subject_of, row, expected):
    logs = up_and_down(320)
    logs[192:256] *= 2.0
    logs[row:] += 0.2 if row % 2 == 0 else -0.2
    assert told(flat_days(logs), subject_of) == expected


@pytest.mark.parametrize(("count", "expected"), [(20, []), (21, [("info", (18,))])])
def test_twenty_one_bars_are_judged(flat_days, subject_of, count, expected):
    logs = up_and_down(count)
    logs[18:] += 0.4
    assert told(flat_days(logs), subject_of) == expected


@pytest.mark.parametrize(("nights", "expected"), [(19, []), (20, [("info", (32,))])])
def test_twenty_nights_are_judged(make_bars, subject_of, nights, expected):
    """Two bars of an hour a day, of which a night is one in; the sixteenth night jumps."""
    ts = (np.arange(nights + 1)[:, None] * 24 + np.array([0, 1])).ravel() * 3_600_000_000
    rows = np.arange(ts.size)
    logs = np.where(rows % 4 < 2, 0.0, 0.02) + np.where(rows % 2, 0.01, 0.0)
    logs[32:] += 0.8
    flat = dict.fromkeys(("open", "high", "low", "close"), 100.0 * np.exp(logs))
    assert told(make_bars(ts, "1h", "24/7", **flat), subject_of) == expected
