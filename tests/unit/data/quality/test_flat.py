from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.quality.flat import flat_bar


def rest(bars, first, count):
    columns = {name: v.copy() for name, v in bars.columns.items()}
    for name in ("open", "high", "low", "close"):
        columns[name][first : first + count] = columns["close"][first - 1]
    return columns


def test_bars_that_move_have_none(make_bars, weekdays, subject_of):
    assert flat_bar(subject_of(make_bars(weekdays, "1d"))) == []


@pytest.mark.parametrize(("count", "severity"), [(9, "info"), (10, "warning")])
def test_a_feed_that_stands_still_is_a_warning(make_bars, weekdays, subject_of, count, severity):
    columns = rest(make_bars(weekdays, "1d"), 50, count)
    (found,) = flat_bar(subject_of(make_bars(weekdays, "1d", **columns)))
    assert (found.severity, found.count, found.rows[0]) == (severity, count, 50)


def test_bars_without_trades_may_rest(make_bars, weekdays, subject_of):
    columns = rest(make_bars(weekdays, "1d"), 50, 30)
    columns["volume"][50:80] = 0.0
    (found,) = flat_bar(subject_of(make_bars(weekdays, "1d", **columns)))
    assert (found.severity, found.count) == ("info", 30)


def test_closes_alone_are_information(make_bars, weekdays, subject_of):
    close = make_bars(weekdays, "1d").close
    bars = Bars(
        "X", "1d", "XNYS", weekdays, dict.fromkeys(("open", "high", "low", "close"), close)
    )  # fmt: skip
    (found,) = flat_bar(subject_of(bars))
    assert (found.severity, found.count) == ("info", 300)
    still = dict.fromkeys(("open", "high", "low", "close"), np.full(300, 9.0))
    (found,) = flat_bar(subject_of(Bars("X", "1d", "XNYS", weekdays, still)))
    assert found.severity == "warning"


def test_one_flat_bar_is_told_as_one(make_bars, weekdays, subject_of):
    columns = {name: v.copy() for name, v in make_bars(weekdays, "1d").columns.items()}
    for name in ("open", "high", "low"):
        columns[name][7] = columns["close"][7]
    (found,) = flat_bar(subject_of(make_bars(weekdays, "1d", **columns)))
    assert found.detail.startswith("1 of 300 bars (0.33%) has one price, the first row 7 ")
    assert found.detail.endswith("never fill inside it")
