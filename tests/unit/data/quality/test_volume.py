from __future__ import annotations

import numpy as np

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.quality.volume import zero_volume


def test_bars_that_trade_have_none(make_bars, weekdays, subject_of):
    assert zero_volume(subject_of(make_bars(weekdays, "1d"))) == []


def test_no_volume_column_has_none(make_bars, weekdays, subject_of):
    bars = make_bars(weekdays, "1d")
    prices = {name: values for name, values in bars.columns.items() if name != "volume"}
    assert zero_volume(subject_of(Bars("X", "1d", "XNYS", bars.ts, prices))) == []


def test_a_move_without_volume_is_a_warning(make_bars, weekdays, subject_of):
    volume = np.full(300, 5.0)
    volume[[7, 9]] = 0.0
    (found,) = zero_volume(subject_of(make_bars(weekdays, "1d", volume=volume)))
    assert (found.severity, found.count, found.rows) == ("warning", 2, (7, 9))
    assert "2 of 300 bars (0.67%)" in found.detail


def test_a_bar_at_rest_without_volume_is_information(make_bars, weekdays, subject_of):
    columns = {name: v.copy() for name, v in make_bars(weekdays, "1d").columns.items()}
    columns["volume"][7] = 0.0
    for name in ("open", "high", "low", "close"):
        columns[name][7] = columns["close"][6]
    (found,) = zero_volume(subject_of(make_bars(weekdays, "1d", **columns)))
    assert (found.severity, found.rows) == ("info", (7,))


def test_a_real_index_has_no_volume_at_all(shared, subject_of):
    (found,) = zero_volume(subject_of(shared("nifty50_1m_4days", "1m")))
    assert (found.severity, found.count, len(found.rows)) == ("warning", 1_509, 1_000)
    assert "no bar has volume" in found.detail


def test_one_bar_is_told_as_one(make_bars, weekdays, subject_of):
    columns = {name: v.copy() for name, v in make_bars(weekdays, "1d").columns.items()}
    for name in ("open", "high", "low"):
        columns[name][7] = columns["close"][7]
    columns["volume"][7] = 0.0
    (found,) = zero_volume(subject_of(make_bars(weekdays, "1d", **columns)))
    assert found.detail.startswith("1 of 300 bars (0.33%) has no volume, the first row 7 ")
    assert found.detail.endswith("the price didn't move in it")
