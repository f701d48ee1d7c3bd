"""Every public indicator: what comes later changes nothing before it, and a gap is a new beginning.

Over real bars, in both engines, to the bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pytest
from indicators import ENGINES, ROWS, RealBars, shipped, work_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indicators import Row

    from hyprl_lab.types import FloatArray

LONGEST: Final = 50
"""Bars that what is tried here takes to warm up, at most."""

GAP: Final = slice(100, 102)
CUTS: Final = (60, 99, 101, 102, 103, 180, 239)
COLUMNS: Final = ("open", "high", "low", "close", "volume")


@pytest.fixture(scope="module")
def bars() -> RealBars:
    """240 bars of nasdaq, on some of which the volume is 0."""
    found = shipped("nasdaq")
    first = int(np.flatnonzero(found.volume == 0.0)[0]) - 30 if (found.volume == 0.0).any() else 0
    return found.take(max(first, 0), max(first, 0) + 240)


def trials(row: Row) -> list[tuple[float, ...]]:
    return [
        n
        for n in row.numbers
        if max(row.starts(n)) <= LONGEST and max(row.windows(n), default=1) <= LONGEST
    ]


def lines(
    row: Row, bars: RealBars, columns: Mapping[str, FloatArray], engine: str, first: int, last: int
) -> list[FloatArray]:
    """All trials over some of the bars, as if there were no others."""
    rows = slice(first, last)
    return work_out(
        [row.expression(numbers) for numbers in trials(row)],
        {name: values[rows] for name, values in columns.items()},
        engine,
        ts=bars.ts[rows],
        bar_of_session=bars.bar_of_session[rows],
    )


def with_gap(bars: RealBars, names: tuple[str, ...] = COLUMNS) -> dict[str, FloatArray]:
    columns = {name: values.copy() for name, values in bars.columns.items()}
    for name in names:
        columns[name][GAP] = np.nan
    return columns


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ROWS)
def test_the_future_changes_nothing(name: str, engine: str, bars: RealBars) -> None:
    row, columns = ROWS[name], with_gap(bars)
    assert trials(row)
    whole = lines(row, bars, columns, engine, 0, len(bars))
    assert all(np.isfinite(values).any() for values in whole)
    for cut in CUTS:
        for found, expected in zip(lines(row, bars, columns, engine, 0, cut), whole, strict=True):
            np.testing.assert_array_equal(found, expected[:cut], f"{name} cut at {cut}")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ROWS)
def test_a_gap_is_a_new_beginning(name: str, engine: str, bars: RealBars) -> None:
    """Missing in the gap; after it, where bars that begin there have a value, it is that one."""
    row = ROWS[name]
    whole = lines(row, bars, with_gap(bars), engine, 0, len(bars))
    without = lines(row, bars, bars.columns, engine, 0, len(bars))
    after = lines(row, bars, bars.columns, engine, GAP.stop, len(bars))
    for numbers, found, before, anew in zip(trials(row), whole, without, after, strict=True):
        np.testing.assert_array_equal(found[: GAP.start], before[: GAP.start])
        if row.function != "lag":  # which carries what was there before
            assert np.isnan(found[GAP]).all()
        there = np.isfinite(anew)
        assert there.sum() > 50, numbers
        np.testing.assert_array_equal(found[GAP.stop :][there], anew[there], f"{name}{numbers}")


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("name", ROWS)
def test_engines_agree_on_a_gap_in_one_column(name: str, column: str, bars: RealBars) -> None:
    row, columns = ROWS[name], with_gap(bars, (column,))
    both = [lines(row, bars, columns, engine, 60, 160) for engine in ENGINES]
    for found, expected in zip(*both, strict=True):
        np.testing.assert_array_equal(found, expected)
