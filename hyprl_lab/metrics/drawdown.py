"""Depth and length of falls from the highest close.

Source: Magdon-Ismail and Atiya (2004), "Maximum Drawdown", Risk 17(10); Young (1991), "Calmar
Ratio: A Smoother Tool", Futures 20(1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.metrics.moments import NOISE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.metrics.series import Equity
    from hyprl_lab.types import FloatArray, IntArray

__all__ = [
    "Drawdowns",
    "calmar",
    "drawdowns",
    "max_drawdown",
    "max_drawdown_bars",
    "max_drawdown_intrabar",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawdowns:
    """Every fall below the highest close, in time order; one array a column.

    Parameters
    ----------
    start
        Position of the peak's close; -1 where the peak is the cash before the first bar.
    trough
        Position of the lowest close of the fall, the first of equals.
    end
        Position of the first close back at the peak or above; -1 where there is none yet.
    depth
        1 - lowest close ÷ peak, a fraction above 0 and at most 1.
    bars
        Closes below the peak.
    """

    start: IntArray
    trough: IntArray
    end: IntArray
    depth: FloatArray
    bars: IntArray

    def __len__(self) -> int:
        return len(self.start)


def drawdowns(equity: Equity) -> Drawdowns:
    """Return each fall below the highest close so far: from when, how deep, how long.

    The peak starts at `equity.cash`. The greatest `depth` is `max_drawdown`, the greatest `bars`
    is `max_drawdown_bars`.

    Examples
    --------
    >>> from hyprl_lab.metrics import Equity
    >>> falls = drawdowns(Equity([100.0, 120.0, 90.0, 108.0, 130.0, 117.0], cash=100.0))
    >>> falls.start.tolist(), falls.trough.tolist(), falls.end.tolist()
    ([1, 4], [2, 5], [4, -1])
    >>> falls.depth.round(9).tolist(), falls.bars.tolist()
    ([0.25, 0.1], [2, 1])
    """
    values, peaks = equity.values, _peaks(equity)[1:]
    first, last = _runs(values < peaks)
    fallen = 1.0 - values / peaks
    trough = [
        begin + int(np.argmax(fallen[begin:stop]))
        for begin, stop in zip(first.tolist(), last.tolist(), strict=True)
    ]
    return Drawdowns(
        start=first - 1,
        trough=np.array(trough, dtype=np.int64),
        end=np.where(last < len(values), last, -1),
        depth=np.minimum(fallen[trough] if trough else np.empty(0), 1.0),
        bars=last - first,
    )


def max_drawdown(equity: Equity) -> float:
    """Return the deepest fall below the highest close so far, a fraction from 0 to 1.

    The peak starts at `equity.cash`.

    Examples
    --------
    >>> from hyprl_lab.metrics import Equity
    >>> max_drawdown(Equity([100.0, 120.0, 90.0, 130.0], cash=100.0))
    0.25
    """
    return _deepest(equity, equity.values)


def max_drawdown_intrabar(equity: Equity, worst: FloatArray | Sequence[float]) -> float:
    """Return the deepest fall inside any bar below the highest close before it.

    A bar's own close comes after its worst moment, so it is not yet part of the peak.

    Parameters
    ----------
    equity
        Money at each close.
    worst
        The least equity inside each bar, its close included; one value a bar.

    Raises
    ------
    InputError
        `worst` has another length than `equity`.

    Examples
    --------
    >>> from hyprl_lab.metrics import Equity
    >>> max_drawdown_intrabar(Equity([100.0, 120.0], cash=100.0), [75.0, 120.0])
    0.25
    """
    if len(worst) != len(equity):
        raise InputError(f"worst has {len(worst)} values; expected one a bar, {len(equity)}")
    return _deepest(equity, np.asarray(worst, dtype=np.float64))


def max_drawdown_bars(equity: Equity) -> int:
    """Return the longest run of bars that closed below the highest close so far.

    Examples
    --------
    >>> from hyprl_lab.metrics import Equity
    >>> max_drawdown_bars(Equity([100.0, 120.0, 90.0, 110.0, 120.0], cash=100.0))
    2
    """
    first, last = _runs(equity.values < _peaks(equity)[1:])
    return int((last - first).max(initial=0))


def calmar(growth: float | None, drawdown: float) -> float | None:
    """Return CAGR ÷ maximum drawdown.

    `None` where growth is, where the drawdown is not above 1e-12 (rounding), and where the ratio
    is beyond float64.

    Examples
    --------
    >>> calmar(0.1, 0.25)
    0.4
    """
    if growth is None or drawdown <= NOISE:
        return None
    ratio = growth / drawdown
    return ratio if math.isfinite(ratio) else None


def _peaks(equity: Equity) -> FloatArray:
    """Return the highest close so far, before the first bar (cash) and at each."""
    highest: FloatArray = np.maximum.accumulate(np.concatenate(([equity.cash], equity.values)))
    return highest


def _deepest(equity: Equity, low_points: FloatArray) -> float:
    """Return the deepest low point below the peak of the closes before it."""
    return float(np.clip((1.0 - low_points / _peaks(equity)[:-1]).max(), 0.0, 1.0))


def _runs(flags: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[IntArray, IntArray]:
    """Return where each run of true values begins, and the position after its end."""
    edges = np.diff(np.concatenate(([False], flags, [False])).astype(np.int8))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
