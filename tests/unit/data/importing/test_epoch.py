from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data.importing.epoch import UNITS, prove_unit, to_microseconds
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.errors import BarsError

PER_SECOND = {"epoch_s": 1, "epoch_ms": 10**3, "epoch_us": 10**6, "epoch_ns": 10**9}
START = 1_577_836_800  # 2020-01-01


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("timeframe", ["1m", "1h", "1d", "1w"])
@pytest.mark.parametrize("stated", [True, False])
def test_one_unit_alone_makes_bars(unit, timeframe, stated):
    length = Timeframe.parse(timeframe)
    seconds = START + np.arange(50) * (length.shortest_us // 1_000_000)
    counts = seconds * PER_SECOND[unit]
    assert prove_unit(counts[::-1], length if stated else None, "ts") == unit


def test_months_are_28_to_31_days():
    months = np.arange("2020-01", "2022-01", dtype="M8[M]").astype("M8[s]").astype(np.int64)
    assert prove_unit(months, Timeframe(1, "mo"), "ts") == "epoch_s"


@pytest.mark.parametrize(
    "counts",
    [
        [START],
        [START, START + 7, START + 15, START + 31],
        [20_240_131_093_000, 20_240_131_093_100, 20_240_131_093_200, 20_240_131_093_300],
    ],
)
def test_what_is_not_proved_is_refused(counts):
    with pytest.raises(BarsError, match=r"column ts: found the number .*none does.*dates="):
        prove_unit(np.array(counts), None, "ts")


def test_another_timeframe_is_no_proof():
    with pytest.raises(BarsError, match="steps of 1h: none does"):
        prove_unit(START + np.arange(9) * 60, Timeframe(1, "h"), "ts")


def test_conversion_keeps_what_is_left_over():
    ts, rest = to_microseconds(np.array([1_001, -1]), "epoch_ns")
    assert (ts.tolist(), rest.tolist()) == ([1, -1], [1, 999])
    assert to_microseconds(np.array([2**62]), "epoch_s")[0][0] > 10**18  # clipped, not wrapped


@pytest.mark.parametrize(
    ("first", "last", "proved"),
    [
        ("1900-01-01", "1900-03-01", True),
        ("1899-12-31", "1900-03-01", False),
        ("2099-11-01", "2099-12-31", True),
        ("2099-11-01", "2100-01-01", False),
    ],
)
@pytest.mark.parametrize("stated", [True, False])
def test_dates_from_1900_to_before_2100(first, last, proved, stated):
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    seconds = days.astype("M8[s]").astype(np.int64)
    length = Timeframe(1, "d") if stated else None
    if proved:
        assert prove_unit(seconds, length, "ts") == "epoch_s"
    else:
        with pytest.raises(BarsError, match=r"dates in 1900 to 2100 .*none does"):
            prove_unit(seconds, length, "ts")


@pytest.mark.parametrize(("usual", "proved"), [(10, True), (9, False)])
def test_half_of_the_steps_prove_a_timeframe(usual, proved):
    """Twenty steps, so many of them an hour and the others all different."""
    steps = [3_600] * usual + [3_600 + 60 * k for k in range(1, 21 - usual)]
    seconds = START + np.concatenate([[0], np.cumsum(steps)])
    if proved:
        assert prove_unit(seconds, None, "ts") == "epoch_s"
    else:
        with pytest.raises(BarsError, match="none does"):
            prove_unit(seconds, None, "ts")
