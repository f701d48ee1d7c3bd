"""Lines, correlation and beta against NumPy; beside TA-Lib in `test_reference_operations`."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hyprl_lab.engine.reference_regression import beta, correlation, line_end, line_slope

NAN = math.nan


def walks(bars: int = 500) -> tuple[list[float], list[float]]:
    steps = np.random.default_rng(4).normal(0, 0.01, (2, bars))
    left = 100 * np.exp(np.cumsum(steps[0]))
    right = 40 * np.exp(np.cumsum(0.6 * steps[0] + 0.8 * steps[1]))
    return left.tolist(), right.tolist()


@pytest.mark.parametrize("window", [2, 3, 20])
def test_lines_are_numpys(window: int) -> None:
    values, _ = walks()
    slopes, ends = line_slope(values, window), line_end(values, window)
    assert all(map(math.isnan, [*slopes[: window - 1], *ends[: window - 1]]))
    for t in range(window - 1, len(values)):
        slope, level = np.polyfit(np.arange(window), values[t - window + 1 : t + 1], 1)
        assert slopes[t] == pytest.approx(slope, abs=1e-10)
        assert ends[t] == pytest.approx(level + slope * (window - 1), rel=1e-12)


def test_a_line_through_one_value_has_no_slope() -> None:
    values = [1.0, NAN, 3.0]
    np.testing.assert_equal(line_slope(values, 1), [NAN, NAN, NAN])
    np.testing.assert_equal(line_end(values, 1), values)


def test_a_line_forgets_a_value_that_dwarfed_the_others() -> None:
    # what 1e15 leaves behind in sums of 1 and 2 is off by tenths; they are taken afresh
    assert line_slope([1.0, 1e15, 1.0, 2.0, 3.0, 4.0], 2)[3:] == [1.0, 1.0, 1.0]


def test_lines_restart() -> None:
    gap = [9.0, 1.0, NAN, 1.0, 3.0, 2.0, 7.0]
    np.testing.assert_allclose(line_slope(gap, 3), [NAN, NAN, NAN, NAN, NAN, 0.5, 2.0])
    np.testing.assert_allclose(line_end(gap, 3), [NAN, NAN, NAN, NAN, NAN, 2.5, 6.0])


@pytest.mark.parametrize("window", [3, 20, 100])
def test_correlations_are_numpys(window: int) -> None:
    left, right = walks()
    found = correlation(left, right, window)
    assert all(map(math.isnan, found[: window - 1]))
    for t in range(window - 1, len(left)):
        held = slice(t - window + 1, t + 1)
        assert found[t] == pytest.approx(np.corrcoef(left[held], right[held])[0, 1], abs=1e-10)


def test_correlations_of_two_are_whole() -> None:
    assert correlation([1.0, 2.0, 4.0], [3.0, 2.0, 1.0], 2)[1:] == [-1.0, -1.0]
    assert correlation([1.0, 2.0, 4.0], [30.0, 50.0, 10.0], 2)[1:] == [1.0, -1.0]
    left, right = walks()
    np.testing.assert_allclose(np.abs(correlation(left, right, 2)[1:]), 1.0, rtol=1e-9)
    assert max(map(abs, correlation(left, right, 2)[1:])) == 1.0


def test_what_does_not_vary_does_not_correlate() -> None:
    left, _ = walks(50)
    assert correlation(left, [0.1] * 50, 5)[4:] == [0.0] * 46
    assert correlation(left, left, 1) == [0.0] * 50
    np.testing.assert_allclose(correlation(left, left, 5)[4:], 1.0, rtol=1e-15)


@pytest.mark.parametrize("window", [2, 20, 100])
def test_betas_are_slopes_of_returns(window: int) -> None:
    left, right = walks()
    found = beta(left, right, window)
    assert all(map(math.isnan, found[:window]))
    x, y = (np.diff(prices) / prices[:-1] for prices in (np.array(left), np.array(right)))
    for t in range(window, len(left)):
        held = slice(t - window, t)
        slope = np.polyfit(x[held], y[held], 1)[0]
        assert found[t] == pytest.approx(slope, rel=1e-7, abs=1e-9)


def test_a_beta_on_what_does_not_vary_is_0() -> None:
    _, right = walks(30)
    assert beta([5.0] * 30, right, 4)[4:] == [0.0] * 26
    assert beta(right, right, 1)[1:] == [0.0] * 29
    # a return on a price of 0 counts as 0: x is 0, -1/2, 1; y 1, 1, 1
    assert beta([0.0, 2.0, 1.0, 2.0], [1.0, 2.0, 4.0, 8.0], 3)[3] == 0.0


@pytest.mark.parametrize("work", [correlation, beta])
def test_a_missing_value_of_either_restarts_both(work) -> None:
    left, right = walks(60)
    for gap in (0, 1):
        given = [list(left), list(right)]
        given[gap][30] = NAN
        found = work(*given, 5)
        assert math.isfinite(found[29])
        assert math.isnan(found[30])
        np.testing.assert_array_equal(found[31:], work(left[31:], right[31:], 5))


@pytest.mark.parametrize("values", [[], [NAN], [1.0], [NAN, 1.0, NAN]])
def test_too_little_for_a_value(values: list[float]) -> None:
    for found in (
        line_slope(values, 2),
        line_end(values, 2),
        correlation(values, values, 2),
        beta(values, values, 2),
        beta(values, values, 1),
    ):
        assert len(found) == len(values)
        assert all(map(math.isnan, found))
