from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.importing import table
from hyprl_lab.data.importing.spacing import check_long_spacing, inferred_calendar, timeframe_of
from hyprl_lab.data.sessions import infer_calendar
from hyprl_lab.data.timeframe import DAY_US, Timeframe, infer_timeframe
from hyprl_lab.errors import BarsError

HOUR = DAY_US // 24


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(table, "PIECE_ROWS", 7)


@pytest.mark.parametrize("seed", range(30))
def test_pieces_tell_what_the_whole_tells(seed):
    random = np.random.default_rng(seed)
    gaps = random.choice([HOUR, 2 * HOUR, DAY_US], size=60, p=random.dirichlet([2, 1, 1]))
    ts = np.cumsum(gaps)
    try:
        expected = infer_timeframe(ts)
    except BarsError:
        with pytest.raises(BarsError, match="found no gap that half of the 60 bars share"):
            timeframe_of(ts, whole_rows=10)
    else:
        assert timeframe_of(ts, whole_rows=10) == expected
    for length in (Timeframe(1, "h"), Timeframe(1, "d")):
        assert inferred_calendar(ts, length) == infer_calendar(ts, length)


@pytest.mark.parametrize(
    "first", ["2024-01-01T15:00", "2024-01-06T15:00", "2024-01-07T15:00", "2024-01-02T23:00"]
)
def test_a_calendar_is_told_from_the_piece_that_shows_it(first):
    weekdays = np.array("2023-01-02T15:00", dtype="M8[us]").astype(np.int64) + np.arange(5) * HOUR
    odd = np.array(first, dtype="M8[us]").astype(np.int64)
    ts = np.concatenate([weekdays + week * 7 * DAY_US for week in range(9)] + [[odd]])
    assert inferred_calendar(ts, Timeframe(1, "h")) == infer_calendar(ts, Timeframe(1, "h"))


def test_a_timeframe_that_stamps_contradict_is_refused():
    ts = np.arange(40) * HOUR
    for whole_rows in (10, 100):
        check_long_spacing(ts, Timeframe(1, "h"), whole_rows=whole_rows)
        with pytest.raises(BarsError, match="bars closer together than"):
            check_long_spacing(ts, Timeframe(1, "d"), whole_rows=whole_rows)
        with pytest.raises(BarsError, match="bars further apart than"):
            check_long_spacing(ts, Timeframe(5, "m"), whole_rows=whole_rows)


def test_short_series_are_looked_at_at_once():
    assert timeframe_of(np.arange(9) * HOUR) == Timeframe(1, "h")
