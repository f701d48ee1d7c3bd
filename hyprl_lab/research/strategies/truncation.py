"""Look-ahead found by truncation: signals of the first bars may not change when more bars come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.timeframe import stamp
from hyprl_lab.errors import LabError
from hyprl_lab.research.strategies.altered import altered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.types import BoolArray, FloatArray

__all__ = ["Looked", "even_cuts", "look_ahead", "signal_cuts"]

_FIRST: Final = 0.4
_SEVERAL: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looked:
    """What truncation showed.

    Parameters
    ----------
    whole
        The columns over all bars.
    differing
        One error a column, of the first cut that shows it, naming the first bar that differs.
    failed
        What was raised at each cut that can't be evaluated.
    several
        Whether enough cuts were evaluated to tell: three, or all there were if fewer were asked
        for.
    """

    whole: Mapping[str, FloatArray]
    differing: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    several: bool = True


@dataclass(slots=True)
class _Found:
    """What is found on the way."""

    bars: Bars
    parts: dict[int, Mapping[str, FloatArray]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def even_cuts(bars: int, count: int, least: int = 2) -> list[int]:
    """Return numbers of bars to look at, spread evenly from two fifths of them on, ascending.

    Examples
    --------
    >>> even_cuts(100, 8)
    [40, 48, 56, 65, 73, 82, 90, 99]
    """
    first = max(least, int(bars * _FIRST))
    if first >= bars:
        return []
    found = {int(cut) for cut in np.linspace(first, bars - 1, count)}
    return sorted(cut for cut in found if 1 < cut < bars)


def signal_cuts(
    signals: Mapping[str, FloatArray], bars: int, count: int, least: int = 2
) -> list[int]:
    """Return numbers of bars that end right with a signal, some of each column, ascending.

    A signal that needs the next bar shows where that bar is cut off.

    Examples
    --------
    >>> signal_cuts({"long_entry": np.array([0.0, 1.0, 0.0, 0.0, 1.0, 0.0])}, 6, 8)
    [2, 5]
    """
    first = max(least, int(bars * _FIRST))
    found: set[int] = set()
    for values in signals.values():
        rows = np.flatnonzero((values == 1.0) & (np.arange(bars) + 1 >= first))
        rows = rows[rows < bars - 1]
        if rows.size:
            chosen = rows[np.linspace(0, rows.size - 1, min(count, rows.size)).astype(int)]
            found.update(int(row) + 1 for row in chosen)
    return sorted(cut for cut in found if 1 < cut < bars)


def look_ahead(
    bars: Bars,
    make: Callable[[Bars], Mapping[str, FloatArray]],
    *,
    least: int = 2,
    evenly: int = 8,
    behind: int = 8,
    others: bool = False,
) -> Looked:
    """Say which columns differ once later bars are cut off, and where that can't be told.

    The shortest cut is made first and all bars last, so that what is kept of an earlier call
    knows nothing of later bars; then follow cuts right behind signals, and as many bars as there
    are with others in place of the later ones.

    Parameters
    ----------
    bars
        All of them.
    make
        Makes the columns of bars.
    least
        The fewest bars to cut down to.
    evenly, behind
        How many cuts are spread evenly, and how many stand behind signals of each column.
    others
        Whether to look at other prices in place of the later ones too.

    Raises
    ------
    LabError
        Whatever `make` raises of all bars.
    """
    found = _Found(bars)
    even = even_cuts(len(bars), evenly, least)
    for cut in even:
        _part(found, cut, make)
    whole = make(bars)
    for cut, part in found.parts.items():
        _compare(found, f"cut to {cut} bars", cut, whole, part)
    later = [cut for cut in signal_cuts(whole, len(bars), behind, least) if cut not in even]
    for cut in later:
        _part(found, cut, make)
        if cut in found.parts:
            _compare(found, f"cut to {cut} bars", cut, whole, found.parts[cut])
    if others:
        _others(found, (later or even)[-2:], whole, make)
    asked = len(even) + len(later)
    return Looked(
        whole=whole,
        differing=tuple(found.errors.values()),
        failed=tuple(found.failed),
        several=len(found.parts) >= max(1, min(_SEVERAL, asked)),
    )


def _part(found: _Found, cut: int, make: Callable[[Bars], Mapping[str, FloatArray]]) -> None:
    try:
        found.parts[cut] = make(found.bars.take(0, cut))
    except LabError as error:
        found.failed.append(f"fails on the first {cut} of {len(found.bars)} bars: {error}")


def _others(
    found: _Found,
    cuts: list[int],
    whole: Mapping[str, FloatArray],
    make: Callable[[Bars], Mapping[str, FloatArray]],
) -> None:
    for cut in cuts:
        for rising in (True, False):
            try:
                part = make(altered(found.bars, cut, rising=rising))
            except LabError as error:
                found.failed.append(f"fails with other prices from bar {cut} on: {error}")
                continue
            _compare(found, f"with other prices from bar {cut} on", cut, whole, part)


def _compare(
    found: _Found,
    where: str,
    cut: int,
    whole: Mapping[str, FloatArray],
    part: Mapping[str, FloatArray],
) -> None:
    for name, values in whole.items():
        if name not in part:
            found.errors.setdefault(name, f"{name} looks ahead: {where}, it is missing")
            continue
        differs = np.flatnonzero(~_same(values[:cut], part[name][:cut]))
        if differs.size:
            row = int(differs[0])
            found.errors.setdefault(
                name,
                f"{name} looks ahead: {where}, bar {row} ({stamp(found.bars.ts[row])}) is "
                f"{part[name][row]:g}, and {values[row]:g} with the bars after it; make each "
                "signal of bars up to its own (no shift by a negative number, no centred window, "
                "no statistic of all bars, nothing kept between calls)",
            )


def _same(one: FloatArray, two: FloatArray) -> BoolArray:
    same: BoolArray = (one == two) | (np.isnan(one) & np.isnan(two))
    return same
