"""Look-ahead found by truncation: signals of the first bars may not change when more bars come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.timeframe import stamp
from hyprl_lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.types import BoolArray, FloatArray

__all__ = ["cuts", "look_ahead"]

_FIRST: Final = 0.4
_EVENLY: Final = 8
_AFTER_SIGNALS: Final = 8


def cuts(signals: Mapping[str, FloatArray], bars: int, least: int = 2) -> list[int]:
    """Return the numbers of bars to look at again: spread evenly, and right after signals.

    A signal that needs the next bar shows where that bar is cut off, so some cuts stand behind
    bars on which there was one.

    Examples
    --------
    >>> cuts({"long_entry": np.zeros(100)}, 100)
    [40, 48, 56, 65, 73, 82, 90, 99]
    """
    first = max(least, int(bars * _FIRST))
    if first >= bars:
        return []
    found = {int(cut) for cut in np.linspace(first, bars - 1, _EVENLY)}
    for values in signals.values():
        rows = np.flatnonzero((values == 1.0) & (np.arange(bars) + 1 >= first))
        rows = rows[rows < bars - 1]
        if rows.size:
            chosen = rows[np.linspace(0, rows.size - 1, min(_AFTER_SIGNALS, rows.size)).astype(int)]
            found.update(int(row) + 1 for row in chosen)
    return sorted(cut for cut in found if 1 < cut < bars)


def look_ahead(
    bars: Bars,
    whole: Mapping[str, FloatArray],
    again: Callable[[Bars], Mapping[str, FloatArray]],
    *,
    least: int = 2,
) -> tuple[list[str], list[str]]:
    """Say which columns differ once later bars are cut off, and where that can't be told.

    Parameters
    ----------
    bars
        All of them.
    whole
        The columns over them.
    again
        Makes the columns of fewer bars.
    least
        The fewest bars to cut down to.

    Returns
    -------
    differing, failed
        One error a column, of the first cut that shows it, naming the first bar that differs; and
        what was raised at the first cut that can't be evaluated.
    """
    errors: dict[str, str] = {}
    failed: list[str] = []
    for cut in cuts(whole, len(bars), least):
        try:
            part = again(bars.take(0, cut))
        except LabError as error:
            failed.append(f"fails on the first {cut} of {len(bars)} bars: {error}")
            continue
        for name, values in whole.items():
            if name not in part:
                errors.setdefault(name, f"{name} is missing on the first {cut} bars")
                continue
            differs = np.flatnonzero(~_same(values[:cut], part[name]))
            if differs.size:
                row = int(differs[0])
                errors.setdefault(
                    name,
                    f"{name} looks ahead: cut to {cut} bars, bar {row} ({stamp(bars.ts[row])}) is "
                    f"{part[name][row]:g}, and {values[row]:g} with the bars after it; make each "
                    "signal of bars up to its own (no shift by a negative number, no centred "
                    "window, no statistic of all bars)",
                )
    return list(errors.values()), failed[:1]


def _same(one: FloatArray, two: FloatArray) -> BoolArray:
    same: BoolArray = (one == two) | (np.isnan(one) & np.isnan(two))
    return same
