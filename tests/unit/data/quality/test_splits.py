from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.quality.splits import Split, find_splits, unadjusted_split


@pytest.fixture
def split_bars(make_bars, weekdays):
    """Calm daily bars divided by a ratio before a row; opens are a little off the close before."""

    def make(ratio: float, row: int = 150, **given: np.ndarray):
        calm = {name: v.copy() for name, v in make_bars(weekdays, "1d").columns.items()}
        calm["open"] *= 1.0 + np.random.default_rng(9).uniform(-0.004, 0.004, 300)
        for name in ("open", "high", "low", "close"):
            calm[name][:row] *= ratio
        calm["high"] = np.maximum(calm["high"], calm["open"])
        calm["low"] = np.minimum(calm["low"], calm["open"])
        calm.update(given)
        return make_bars(weekdays, "1d", **calm)

    return make


@pytest.mark.parametrize(
    ("ratio", "new", "old"),
    [(2.0, 2, 1), (1.5, 3, 2), (7.0, 7, 1), (1.25, 5, 4), (20.0, 20, 1), (0.1, 1, 10), (0.5, 1, 2)],
)
def test_a_split_is_found_with_its_ratio(split_bars, subject_of, ratio, new, old):
    subject = subject_of(split_bars(ratio))
    splits = find_splits(subject)
    assert splits == [Split(150, new, old)]
    (found,) = unadjusted_split(subject, splits)
    assert (found.severity, found.count, found.rows) == ("warning", 1, (150,))
    assert f"2019-08-05 {new}:{old}" in found.detail  # the 151st weekday from 7 January 2019


def test_calm_bars_have_none(split_bars, subject_of):
    subject = subject_of(split_bars(1.0))
    assert find_splits(subject) == []
    assert unadjusted_split(subject, []) == []


@pytest.mark.parametrize("ratio", [1.1, 1.42, 2.2])
def test_other_jumps_are_no_splits(split_bars, subject_of, ratio):
    assert find_splits(subject_of(split_bars(ratio))) == []


def test_a_jump_that_reverts_is_none(split_bars, subject_of):
    columns = {name: v.copy() for name, v in split_bars(1.0).columns.items()}
    for name in ("open", "high", "low", "close"):
        columns[name][150:152] /= 2.0
    assert find_splits(subject_of(split_bars(1.0, **columns))) == []


def test_a_fall_in_heavy_trading_is_news(split_bars, subject_of):
    volume = np.full(300, 1000.0)
    volume[150] = 9000.0  # 4.5 times the money at half the price
    assert find_splits(subject_of(split_bars(2.0, volume=volume))) == []


@pytest.mark.parametrize("ratio", [2.0, 0.1])
@pytest.mark.parametrize("adjusted", [True, False])
def test_units_may_be_adjusted_or_not(split_bars, subject_of, ratio, adjusted):
    """A tenth of the shares trades after 1:10, unless volume was adjusted already."""
    volume = np.full(300, 1000.0)
    if not adjusted:
        volume[150:] *= ratio
    assert len(find_splits(subject_of(split_bars(ratio, volume=volume)))) == 1


def test_a_column_of_coefficients_is_quoted_and_is_no_rule(split_bars, subject_of):
    stated = np.ones(300)
    stated[[150, 200]] = [2.0, 3.0]
    subject = subject_of(split_bars(2.0, split_coefficient=stated))
    splits = find_splits(subject)
    assert [split.row for split in splits] == [150]
    assert "column split_coefficient says 2 there" in unadjusted_split(subject, splits)[0].detail


def test_without_volume_the_detail_says_so(split_bars, subject_of):
    subject = subject_of(split_bars(2.0, volume=np.zeros(300)))
    (found,) = unadjusted_split(subject, find_splits(subject))
    assert "without volume a fall on news can't be told from it" in found.detail


def test_a_split_on_the_last_bar(split_bars, subject_of):
    assert find_splits(subject_of(split_bars(2.0, row=299))) == [Split(299, 2, 1)]


def test_a_night_between_minutes(make_bars, minutes_of, subject_of):
    ts = minutes_of("2024-01-02", "2024-06-28")
    calm = {name: v.copy() for name, v in make_bars(ts).columns.items()}
    night = 13 * 60
    for name in ("open", "high", "low", "close"):
        calm[name][:night] *= 4.0
    assert find_splits(subject_of(make_bars(ts, **calm))) == [Split(night, 4, 1)]
    # The same jump inside a session is none: no share splits there.
    for name in ("open", "high", "low", "close"):
        calm[name][night : night + 3] *= 4.0
    assert find_splits(subject_of(make_bars(ts, **calm))) == []


def test_bars_too_few_to_know_a_usual_night(make_bars, weekdays, subject_of):
    close = np.array([100.0, 101.0, 50.0, 50.5])
    few = dict.fromkeys(("open", "high", "low", "close"), close)
    bars = make_bars(weekdays[:4], "1d", volume=np.ones(4), **few)
    assert find_splits(subject_of(bars)) == []


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("AAPL", ["2000-06-21 2:1", "2005-02-28 2:1", "2014-06-09 7:1", "2020-08-31 4:1"]),
        ("HD", ["1999-12-31 3:2"]),
        ("GE", ["2000-05-08 3:1"]),
        ("UNH", ["2000-12-26 2:1", "2003-06-19 2:1", "2005-05-31 2:1"]),
        ("MRK", []),  # fell by a quarter on 30 September 2004, on news
        ("AMZN", []),
    ],
)
def test_real_splits(shared, subject_of, symbol, expected):
    subject = subject_of(shared("us_equity_panel_1d", "1d", symbol=symbol))
    splits = find_splits(subject)
    dates = subject.ts[[split.row for split in splits]].astype("M8[us]").astype("M8[D]")
    assert [f"{date} {split}" for date, split in zip(dates, splits, strict=True)] == expected
