"""Parts of bars in order of time."""

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.errors import BarsError


def test_parts_follow_each_other_and_are_all_bars() -> None:
    bars = load_bars("sp500")
    parts = bars.split(test=0.3, holdout=0.2)
    assert parts.test is not None
    assert parts.holdout is not None
    joined = np.concatenate([parts.train.ts, parts.test.ts, parts.holdout.ts])
    assert np.array_equal(joined, bars.ts)
    assert (len(parts.test), len(parts.holdout)) == (1509, 1006)  # round(5031 · .3), round(· .2)


def test_the_holdout_is_that_of_a_search() -> None:
    from hyprl_lab.research.search.plan import held_out

    bars = load_bars("sp500").take(0, 1237)
    for share in (0.1, 0.2, 0.35):
        searched, start = held_out(bars, share)
        parts = bars.split(test=0.0, holdout=share)
        assert parts.holdout is not None
        assert parts.holdout.ts[0] == start
        assert parts.train == searched
        assert parts.test is None


@pytest.mark.parametrize(
    ("test", "holdout", "said"),
    [
        (-0.1, 0.2, "found test -0.1"),
        (0.2, 1.0, "found holdout 1.0"),
        (True, 0.2, "found test True"),
        (float("nan"), 0.2, "found test nan"),
        (0.6, 0.5, "no bar for train"),
        (0.0001, 0.2, "no bar for test"),
    ],
)
def test_parts_that_cannot_be(test: float, holdout: float, said: str) -> None:
    with pytest.raises(BarsError, match=said):
        load_bars("TEST").split(test=test, holdout=holdout)


def test_windows_walk_without_overlapping_tests() -> None:
    bars = load_bars("TEST")
    found = bars.windows(train=200, test=60)
    tests = np.concatenate([window.test.ts for window in found])
    assert np.array_equal(tests, bars.ts[200:500])
    assert all(
        np.array_equal(w.train.ts, bars.ts[60 * n : 60 * n + 200]) for n, w in enumerate(found)
    )


def test_windows_by_a_step_of_their_own() -> None:
    found = load_bars("TEST").windows(train=400, test=50, step=25)
    assert [int(np.searchsorted(load_bars("TEST").ts, w.train.ts[0])) for w in found] == [0, 25, 50]


@pytest.mark.parametrize("lengths", [(0, 1, 1), (1, 0, 1), (1, 1, 0), (True, 1, 1), (2.0, 1, 1)])
def test_windows_of_no_length(lengths: tuple[int, int, int]) -> None:
    train, test, step = lengths
    with pytest.raises(BarsError, match="expected whole bars of at least 1"):
        load_bars("TEST").windows(train=train, test=test, step=step)


def test_windows_longer_than_the_bars() -> None:
    with pytest.raises(BarsError, match=r"found 500 bars; expected at least train 400 \+ test 200"):
        load_bars("TEST").windows(train=400, test=200)


def test_parts_show_their_rows_and_dates() -> None:
    parts = load_bars("TEST").split(test=0.25, holdout=0.0)
    assert repr(parts).splitlines() == [
        "Split of TEST 1d",
        "  train    375 bars, 2020-01-01 to 2021-06-08",
        "  test     125 bars, 2021-06-09 to 2021-11-30",
        "  holdout  none",
    ]
    html = parts._repr_html_()
    for told in ("Split of TEST 1d", "375", "2020-01-01", "2021-11-30", "holdout"):
        assert told in html
    assert html.count("<tr ") == 1 + 3
    train, test, holdout = parts  # it stays a tuple of bars
    assert (len(train), len(test), holdout) == (375, 125, None)


def test_a_window_is_one_line() -> None:
    (window,) = load_bars("TEST").windows(train=400, test=100)
    assert repr(window) == (
        "Window(train: 400 bars, 2020-01-01 to 2021-07-13; "
        "test: 100 bars, 2021-07-14 to 2021-11-30)"
    )
    assert "Window of TEST 1d" in window._repr_html_()


def test_short_bars_are_told_by_the_minute_and_names_escaped() -> None:
    prices = dict.fromkeys(("open", "high", "low", "close"), np.ones(3))
    bars = Bars("<b>", "1h", "24/7", np.arange(3) * 3_600_000_000, prices)
    parts = bars.split(test=0.3, holdout=0.3)
    assert "  train    1 bar, 1970-01-01 00:00 to 1970-01-01 00:00" in repr(parts)
    assert "&lt;b&gt; 1h" in parts._repr_html_()
