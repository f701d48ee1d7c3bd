"""`outlier`: prices far from their neighbours, told apart by whether they came back.

The measure of far is the usual move nearby. Bars are cut into blocks of 64; a block's usual move is
1.4826 times the median of its absolute close-to-close log returns (the median absolute deviation
from zero, scaled to the standard deviation of a normal law: F. R. Hampel, "The influence curve and
its role in robust estimation", JASA 1974), and of three neighbouring blocks the largest counts, so
that a storm is measured by itself. A move is far beyond 10 of these: the multiple of O. E.
Barndorff-Nielsen, P. R. Hansen, A. Lunde, N. Shephard, "Realized kernels in practice: trades and
quotes", Econometrics Journal 2009, rules Q4 and T4, which also look at both sides of a price.

Of bars shorter than a day, one that opens four hours or more after the one before is measured
against others of its kind, for a night moves prices more than a minute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.parts import parts
from hyprl_lab.data.quality.subject import counted, rows_where

if TYPE_CHECKING:
    from hyprl_lab.data.findings import Finding
    from hyprl_lab.data.quality.subject import Subject
    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = ["BACK", "BACK_BARS", "FAR", "NORMAL", "moves", "outliers"]

FAR: Final = 10.0
"""How many usual moves are far."""
NORMAL: Final = 1.4826
"""The standard deviation of a normal law over its median absolute deviation."""
BACK_BARS: Final = 3
"""Within so many bars a spike is over."""
BACK: Final = 0.2
"""What may be left of a spike's move when it is over."""
_BLOCK: Final = 64  # divides a part
_LEAST: Final = 20  # moves that make a usual one
_SAMPLE: Final = 100_000


def outliers(subject: Subject, splits: IntArray) -> list[Finding]:
    """Return bad prints and far moves.

    `warning`: a close that is far from the one before and comes back within three bars (at most a
    fifth of the move is left), or a high or low that is far from both the close before and its own.
    Single bars do that when a print is bad, and rarely else. `info`: a far move that stays.

    Parameters
    ----------
    subject
        The bars; fewer than 21 are not judged.
    splits
        Rows that another check explains.
    """
    bars = subject.bars
    close = bars.close
    if len(bars) <= _LEAST:
        return []
    first = subject.nights
    usual = _usual_moves(close, first)
    blocks = np.exp(np.minimum(FAR * usual, 700.0))

    def factor(part: slice) -> FloatArray:
        block = np.minimum(np.arange(part.start, part.stop) // _BLOCK, blocks.size - 1)
        far: FloatArray = blocks[block]
        return far

    def jumps(part: slice) -> BoolArray:
        before, now, far = _before(close, part), close[part], factor(part)
        return (now > before * far) | (now * far < before)

    def wicks(part: slice) -> BoolArray:
        before, now, far = _before(close, part), close[part], factor(part)
        top, bottom = np.maximum(before, now), np.minimum(before, now)
        return (bars.high[part] > top * far) | (bars.low[part] * far < bottom)

    jump, wick = rows_where(len(bars), jumps), rows_where(len(bars), wicks)
    # A pause has a measure of its own.
    far = np.exp(np.minimum(FAR * _pause_moves(close, first, usual), 700.0))
    before, now = close[first - 1], close[first]
    top, bottom = np.maximum(before, now), np.minimum(before, now)
    late = first[(now > before * far) | (now * far < before)]
    loose = first[(bars.high[first] > top * far) | (bars.low[first] * far < bottom)]
    jump = np.union1d(np.setdiff1d(jump, first), late)
    wick = np.union1d(np.setdiff1d(wick, first), loose)
    spikes, ways_back = _came_back(close, np.setdiff1d(jump, splits))
    stayed = np.setdiff1d(jump, np.concatenate([splits, spikes, ways_back]))
    bad = np.union1d(spikes, np.setdiff1d(wick, np.concatenate([splits, ways_back])))
    found = []
    if bad.size:
        detail = (
            f"{counted(bad.size, 'bar')} with a price more than {FAR:g} usual moves off that came "
            f"back at once, the first {_told(subject, int(bad[0]))}. Compare with another source; "
            "bad prints fill stops"
        )
        found.append(subject.finding("outlier", "warning", bad, detail))
    if stayed.size:
        biggest = stayed[np.argmax(moves(close[stayed], close[stayed - 1]))]
        detail = (
            f"{counted(stayed.size, 'close')} more than {FAR:g} usual moves from the one before, "
            f"and there to stay; the largest {_told(subject, int(biggest))}: news, as a rule"
        )
        found.append(subject.finding("outlier", "info", stayed, detail))
    return found


def moves(now: FloatArray, before: FloatArray) -> FloatArray:
    """Return the absolute log returns from prices before to prices now.

    Examples
    --------
    >>> moves(np.array([2.0, 1.0]), np.array([1.0, 2.0])).round(6).tolist()
    [0.693147, 0.693147]
    """
    sizes: FloatArray = np.abs(np.log(now) - np.log(before))
    return sizes


def _before(close: FloatArray, part: slice) -> FloatArray:
    if part.start:
        return close[part.start - 1 : part.stop - 1]
    return np.concatenate([close[:1], close[: part.stop - 1]])


def _usual_moves(close: FloatArray, first: IntArray) -> FloatArray:
    """Return the usual move of each block of rows; the last one holds what is left over too."""
    medians = []
    for part in parts(close.size):
        sizes = moves(close[part], _before(close, part))
        rows = first[slice(*np.searchsorted(first, [part.start, part.stop]))] - part.start
        sizes[rows] = sizes[np.where(rows > 0, rows - 1, min(1, sizes.size - 1))]
        whole = sizes.size // _BLOCK * _BLOCK
        if whole:
            medians.append(np.median(sizes[:whole].reshape(-1, _BLOCK), axis=1))
        elif part.start == 0:
            medians.append(np.median(sizes[1:], keepdims=True))
    return _smoothed(np.concatenate(medians), _least_move(close))


def _pause_moves(close: FloatArray, first: IntArray, usual: FloatArray) -> FloatArray:
    """Return the usual move over each pause, never less than the usual move between bars."""
    nearby = usual[np.minimum(first // _BLOCK, usual.size - 1)]
    if first.size < _LEAST:
        return np.full(first.size, np.inf)
    sizes = moves(close[first], close[first - 1])
    blocks = max(sizes.size // _BLOCK, 1)
    width = min(_BLOCK, sizes.size)
    medians = np.median(sizes[: blocks * width].reshape(blocks, width), axis=1)
    wide = _smoothed(medians, 0.0)[np.minimum(np.arange(sizes.size) // _BLOCK, blocks - 1)]
    return np.maximum(wide, nearby)


def _smoothed(medians: FloatArray, least: float) -> FloatArray:
    """Return the largest of each block and its neighbours, scaled; not zero where prices rest."""
    padded = np.concatenate([medians[:1], medians, medians[-1:]])
    largest = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])
    return NORMAL * np.where(largest > 0.0, largest, least)


def _least_move(close: FloatArray) -> float:
    """Return the median of moves other than zero, over evenly spread rows."""
    rows = np.arange(1, close.size, max(1, close.size // _SAMPLE))
    sizes = moves(close[rows], close[rows - 1])
    sizes = sizes[sizes > 0.0]
    return float(np.median(sizes)) if sizes.size else np.inf


def _came_back(close: FloatArray, jumps: IntArray) -> tuple[IntArray, IntArray]:
    """Return the jumps that were undone, and the rows up to where they were."""
    start = np.log(close[jumps - 1])
    size = np.abs(np.log(close[jumps]) - start)
    over = np.zeros(jumps.size, dtype=np.int64)
    for bars in range(BACK_BARS, 0, -1):
        row = jumps + bars
        there = row < close.size
        left = np.abs(np.log(close[np.minimum(row, close.size - 1)]) - start)
        over = np.where(there & (left <= BACK * size), bars, over)
    spikes: list[int] = []
    ways_back: list[int] = []
    last = -1
    for row, bars in zip(jumps.tolist(), over.tolist(), strict=True):
        if bars and row > last:
            spikes.append(row)
            last = row + bars
            ways_back.extend(range(row + 1, last + 1))
    return np.array(spikes, dtype=np.int64), np.array(ways_back, dtype=np.int64)


def _told(subject: Subject, row: int) -> str:
    bars = subject.bars
    return (
        f"{subject.at(row)}, low {bars.low[row]:.10g}, high {bars.high[row]:.10g}, close "
        f"{bars.close[row]:.10g} after {bars.close[row - 1]:.10g}"
    )
