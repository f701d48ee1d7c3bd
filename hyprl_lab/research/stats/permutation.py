"""Bars in another order: the same moves, without whatever made one follow another.

Source: Masters, "Permutation and Randomization Tests for Trading System Development" (2020);
here by ratios in the place of differences of logarithms, which is the same on every
machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.checks import whole
from hyprl_lab.research.stats.streams import SplitMix64

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["VERSION", "BarMoves", "permutations", "permute_bars"]

VERSION: Final = 1
"""Of the method: it changes whenever the same arguments would give other bars."""

_PRICES: Final = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarMoves:
    """Bars taken apart into what happens between them and what happens in them.

    Parameters
    ----------
    columns
        The bars themselves.
    kept
        Leading rows that stay as they are, at least one.
    gaps
        Of each later row: open over the close before.
    highs, lows, closes
        Of each later row: high, low and close over the open.
    """

    columns: Mapping[str, NDArray[Any]]
    kept: int
    gaps: FloatArray
    highs: FloatArray
    lows: FloatArray
    closes: FloatArray

    @classmethod
    def of(cls, columns: Mapping[str, ArrayLike], *, start: int = 0) -> BarMoves:
        """Take bars apart.

        Parameters
        ----------
        columns, start
            As for `permute_bars`.

        Raises
        ------
        InputError
            As `permute_bars`.
        """
        found = _checked(columns)
        rows = len(found["open"])
        kept = max(1, whole("start", start, least=0))
        if kept > rows:
            raise InputError(f"start is {start}; expected at most the number of bars, {rows}")
        opens = found["open"][kept:]
        return cls(
            columns=found,
            kept=kept,
            gaps=opens / found["close"][kept - 1 : -1],
            highs=found["high"][kept:] / opens,
            lows=found["low"][kept:] / opens,
            closes=found["close"][kept:] / opens,
        )

    @property
    def rows(self) -> int:
        """How many rows follow those that are kept."""
        return len(self.gaps)

    def rebuilt(self, inner: IntArray, gap: IntArray) -> dict[str, NDArray[Any]]:
        """Put bars together from moves in another order.

        Parameters
        ----------
        inner, gap
            Whose inner move, and whose gap, each of the rows after those kept gets, counted from
            the first of them; a row may be named more than once.

        Returns
        -------
        dict
            New arrays by name. Prices are products in the order of time; high and low are moved
            to hold open and close where rounding would put these outside.
        """
        steps = np.empty(2 * self.rows + 1)
        steps[0] = self.columns["close"][self.kept - 1]
        steps[1::2] = self.gaps[gap]
        steps[2::2] = self.closes[inner]
        np.multiply.accumulate(steps, out=steps)
        opens, closes = steps[1::2], steps[2::2]
        made = {
            "open": opens,
            "high": np.maximum(opens * self.highs[inner], np.maximum(opens, closes)),
            "low": np.minimum(opens * self.lows[inner], np.minimum(opens, closes)),
            "close": closes,
        }
        columns: dict[str, NDArray[Any]] = {}
        for name, values in self.columns.items():
            columns[name] = filled = np.empty_like(values)
            filled[: self.kept] = values[: self.kept]
            if name in made:
                filled[self.kept :] = made[name]
            else:
                np.take(values[self.kept :], inner, out=filled[self.kept :])
        return columns


def permutations(
    stream: SplitMix64, rows: int, slots: IntArray | None = None
) -> tuple[IntArray, IntArray]:
    """Return two independent permutations of `rows`: of the inner moves, and of the gaps.

    Each is the order of the next `rows` numbers of the stream; with slots, their order within
    every slot.

    Parameters
    ----------
    stream
        Where the numbers come from.
    rows
        From 0.
    slots
        Whole numbers, one a row: a row is only exchanged with one of an equal number.

    Examples
    --------
    >>> [found.tolist() for found in permutations(SplitMix64(0), 4)]
    [[2, 1, 0, 3], [0, 2, 1, 3]]
    """
    inner, gap = stream.integers(rows), stream.integers(rows)
    # The numbers of one stream are distinct, so their order needs no rule for equal ones.
    if slots is None:
        return np.argsort(inner), np.argsort(gap)
    groups = _short(slots)
    places = np.argsort(groups, kind="stable")
    found = np.empty((2, rows), dtype=np.int64)
    for kind, numbers in enumerate((inner, gap)):
        order = np.argsort(numbers)
        found[kind, places] = order[np.argsort(groups[order], kind="stable")]
    return found[0], found[1]


def _short(slots: IntArray) -> NDArray[Any]:
    """Return slots in 16 bits where they fit, which sort in linear time."""
    fit = len(slots) > 0 and slots.min() >= 0 and slots.max() < 1 << 16
    return slots.astype(np.uint16) if fit else slots


def permute_bars(
    columns: Mapping[str, ArrayLike],
    *,
    seed: int = 0,
    path: int = 0,
    slots: ArrayLike | None = None,
    start: int = 0,
    inner: ArrayLike | None = None,
    gap: ArrayLike | None = None,
) -> dict[str, NDArray[Any]]:
    """Return bars that made the same moves in another order.

    A bar is taken apart into its gap, Oₜ/Cₜ₋₁, and its inner move, (H, L, C)ₜ/Oₜ. Gaps and inner
    moves are permuted apart from each other, and prices rebuilt by products. So the first bar
    stays, the last close comes out as it was but for rounding, and the distributions of gaps and
    of inner moves are the same; what is gone is any order in them: trends, and clusters of
    volatility. Other columns (volume, features) go with the inner move of their bar.

    Parameters
    ----------
    columns
        `open`, `high`, `low`, `close` and any others by name, one length; prices above 0.
    seed, path
        The permutation is a function of both, of the number of bars and of `slots` alone: markets
        of one length are permuted alike, and stay as correlated as they were.
    slots
        Whole numbers, one a bar: bars are only exchanged with bars of an equal number. For
        intraday bars the place of the bar in its session, so that nights stay between sessions.
    start
        Leading bars that are kept as they are, from 0; the first always is.
    inner, gap
        Permutations to use in the place of drawn ones, of the rows after those kept, counted from
        0: entry t is the row whose move comes at t.

    Returns
    -------
    dict
        New arrays by name, prices float64.

    Raises
    ------
    InputError
        A price column is missing, lengths differ, there is no bar, a price is not above 0 or not
        finite, or an argument is out of range.

    Examples
    --------
    >>> bars = {"open": [10.0, 11.0, 12.0], "high": [12.0, 12.0, 12.0],
    ...         "low": [10.0, 11.0, 9.0], "close": [10.0, 12.0, 9.0]}
    >>> permute_bars(bars, inner=[1, 0], gap=[0, 1])["close"].tolist()
    [10.0, 8.25, 9.0]
    """
    moves = BarMoves.of(columns, start=start)
    length = moves.kept + moves.rows
    within = None if slots is None else _whole_numbers("slots", slots, length)[moves.kept :]
    stream = SplitMix64.of_path(whole("seed", seed, least=0), whole("path", path, least=0))
    drawn = permutations(stream, moves.rows, within)
    chosen = [
        usual if given is None else _permutation(name, given, moves.rows)
        for name, given, usual in zip(("inner", "gap"), (inner, gap), drawn, strict=True)
    ]
    return moves.rebuilt(*chosen)


def _checked(columns: Mapping[str, ArrayLike]) -> dict[str, NDArray[Any]]:
    missing = [name for name in _PRICES if name not in columns]
    if missing:
        raise InputError(
            f"columns are {sorted(columns)}, without {missing}; expected open, high, low and close"
        )
    found = {
        name: np.asarray(values, dtype=np.float64 if name in _PRICES else None)
        for name, values in columns.items()
    }
    shape = found["open"].shape
    for name, values in found.items():
        if values.ndim != 1 or values.shape != shape:
            raise InputError(
                f"column {name} has shape {values.shape}; expected one value a bar, {shape}"
            )
    if shape == (0,):
        raise InputError("the columns are empty; expected at least one bar")
    for name in _PRICES:
        values = found[name]
        good = (values > 0.0) & (values < np.inf)
        if not good.all():
            row = int(np.argmin(good))
            raise InputError(
                f"column {name} has {values[row]} at row {row}; bars are rebuilt from ratios of "
                "prices, so each has to be finite and above 0: shift the series up, or leave "
                "those bars out"
            )
    return found


def _whole_numbers(name: str, values: ArrayLike, length: int) -> IntArray:
    found = np.asarray(values)
    if found.shape != (length,) or (length and found.dtype.kind not in "iu"):
        raise InputError(
            f"{name} is {found.dtype} of shape {found.shape}; expected {length} whole numbers"
        )
    return found.astype(np.int64, copy=False)


def _permutation(name: str, values: ArrayLike, length: int) -> IntArray:
    found = _whole_numbers(name, values, length) if length else np.zeros(0, dtype=np.int64)
    if not np.array_equal(np.sort(found), np.arange(length)):
        raise InputError(f"{name} is no permutation; expected each of 0 … {length - 1} once")
    return found
