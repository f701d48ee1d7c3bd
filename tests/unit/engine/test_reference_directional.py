"""Directional movement against hand values; beside TA-Lib in `test_reference_operations`."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hyprl_lab.engine.reference_directional import (
    average_directional_index,
    average_true_range,
    directional_index,
    minus_indicator,
    parabolic,
    plus_indicator,
)

NAN = math.nan
# up 2, up 1, down 2, none; true ranges 2, 2, 4, 4
HIGH = [2.0, 4.0, 5.0, 5.0, 5.0]
LOW = [1.0, 2.0, 3.0, 1.0, 1.0]
CLOSE = [2.0, 3.0, 4.0, 2.0, 2.0]
BARS = (HIGH, LOW, CLOSE)


def test_the_directional_system_by_hand() -> None:
    # sums of bar 1: 2 up, range 2. Bar 2: up 2 - 1 + 1, range 2 - 1 + 2; bar 3: up 2 - 1,
    # down 0 + 2, range 3 - 1.5 + 4; bar 4: up 1/2, down 1, range 5.5 - 2.75 + 4
    np.testing.assert_allclose(
        plus_indicator(*BARS, 2), [NAN, NAN, 200 / 3, 100 / 5.5, 50 / 6.75], rtol=1e-14
    )
    np.testing.assert_allclose(
        minus_indicator(*BARS, 2), [NAN, NAN, 0.0, 200 / 5.5, 100 / 6.75], rtol=1e-14
    )
    np.testing.assert_allclose(
        directional_index(*BARS, 2), [NAN, NAN, 100.0, 100 / 3, 100 / 3], rtol=1e-14
    )
    # the mean of 100 and 33 1/3, then the mean of that and 33 1/3
    np.testing.assert_allclose(
        average_directional_index(*BARS, 2), [NAN, NAN, NAN, 200 / 3, 50.0], rtol=1e-14
    )


def test_a_window_of_one_is_the_bars_own_share() -> None:
    np.testing.assert_equal(plus_indicator(*BARS, 1), [NAN, 1.0, 0.5, 0.0, 0.0])
    np.testing.assert_equal(minus_indicator(*BARS, 1), [NAN, 0.0, 0.0, 0.5, 0.0])
    # the last bar did not move either way: the index stays
    np.testing.assert_equal(directional_index(*BARS, 1), [NAN, 100.0, 100.0, 100.0, 100.0])
    np.testing.assert_equal(average_directional_index(*BARS, 1), [NAN, 100.0, 100.0, 100.0, 100.0])


def test_an_outside_bar_moves_the_way_it_went_further() -> None:
    high, low, close = [4.0, 5.0, 7.0, 8.0], [2.0, 0.0, -1.0, -2.0], [3.0, 3.0, 3.0, 3.0]
    # up 1 and down 2; up 2 and down 1; up 1 and down 1, which is neither
    np.testing.assert_allclose(plus_indicator(high, low, close, 1), [NAN, 0.0, 2 / 8, 0.0])
    np.testing.assert_allclose(minus_indicator(high, low, close, 1), [NAN, 2 / 5, 0.0, 0.0])


def test_what_does_not_move_has_no_direction() -> None:
    still = ([5.0] * 6,) * 3
    for indicator in (plus_indicator, minus_indicator, directional_index):
        np.testing.assert_equal(indicator(*still, 2), [NAN, NAN, 0.0, 0.0, 0.0, 0.0])
    np.testing.assert_equal(average_directional_index(*still, 2), [NAN, NAN, NAN, 0.0, 0.0, 0.0])


@pytest.mark.parametrize(
    "indicator",
    [plus_indicator, minus_indicator, directional_index, average_directional_index],
)
@pytest.mark.parametrize("lacking", [0, 1, 2])
def test_a_missing_price_restarts_the_system(indicator, lacking: int) -> None:
    stream = np.random.default_rng(5)
    close = 50 + stream.normal(size=40).cumsum()
    bars = [close + stream.random(40), close - stream.random(40), close]
    bars[lacking][15] = NAN
    found = indicator(*(prices.tolist() for prices in bars), 4)
    anew = indicator(*(prices[16:].tolist() for prices in bars), 4)
    assert math.isnan(found[15])
    assert math.isfinite(found[14])
    np.testing.assert_array_equal(found[16:], anew)


def test_true_ranges() -> None:
    ones = [1.0, 1.0, NAN, 1.0, 1.0, 1.0]
    # the first bar after the gap has no close before it; two ranges of 1 make the average
    ranges = average_true_range([2.0, 2.0, NAN, 2.0, 2.0, 2.0], ones, ones, 2)
    np.testing.assert_equal(ranges, [NAN, NAN, NAN, NAN, NAN, 1.0])
    np.testing.assert_equal(average_true_range([4.0, 5.0], [1.0, 4.5], [2.0, 5.0], 1), [NAN, 3.0])


# The parabolic stop-and-reverse


def test_a_long_stop_by_hand() -> None:
    high, low = [2.0, 3.0, 4.0, 3.0, 2.0], [1.0, 2.0, 3.0, 0.5, 0.0]
    # bar 1: long, since it fell less; stop 1, the low before it, then half the way to the extreme 3
    # bar 2: stop 2, no further than the low of bar 1; extreme 4, share 1: 4, but at most 2
    # bar 3: 0.5 is below it: short from the extreme 4; then halfway from 4 to 0.5, at least 4
    # bar 4: stop 4; extreme 0, share 1
    np.testing.assert_equal(parabolic(high, low, 0.5, 1.0), [NAN, 1.0, 2.0, 4.0, 4.0])


def test_a_fall_that_is_not_larger_than_the_rise_starts_long() -> None:
    assert parabolic([2.0, 3.0], [1.0, 0.0], 0.02, 0.2)[1] == 3.0  # long, and stopped at once
    assert parabolic([2.0, 2.5], [1.0, 0.0], 0.02, 0.2)[1] == 0.0  # short, and stopped at once
    assert parabolic([2.0, 1.5], [1.0, 0.0], 0.02, 0.2)[1] == 2.0  # short


def test_upside_down_the_stop_is_its_mirror() -> None:
    stream = np.random.default_rng(12)
    middle = 20 + stream.normal(size=300).cumsum()
    high, low = (middle + stream.random(300)).tolist(), (middle - stream.random(300)).tolist()
    stops = parabolic(high, low, 0.02, 0.2)
    mirrored = parabolic([-price for price in low], [-price for price in high], 0.02, 0.2)
    np.testing.assert_array_equal(np.negative(mirrored), stops)
    sides = np.sign(np.array(stops[1:]) - middle[1:])
    assert 10 < np.count_nonzero(np.diff(sides)) < 100


def test_an_acceleration_above_the_maximum_counts_as_it() -> None:
    stops = parabolic(HIGH, LOW, 0.5, 0.2)
    np.testing.assert_array_equal(stops, parabolic(HIGH, LOW, 0.2, 0.2))
    assert stops[1:] != parabolic(HIGH, LOW, 0.1, 0.2)[1:]


def test_a_missing_price_restarts_the_stop() -> None:
    high, low = [9.0, 9.5, NAN, *HIGH], [8.0, 8.5, 7.0, *LOW]
    np.testing.assert_array_equal(
        parabolic(high, low, 0.1, 0.2)[3:], parabolic(HIGH, LOW, 0.1, 0.2)
    )
    np.testing.assert_equal(parabolic(high, low, 0.1, 0.2)[:3], [NAN, 8.0, NAN])
