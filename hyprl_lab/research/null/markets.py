"""Markets without anything to find, each a function of its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.sessions import session_numbers, session_runs
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.errors import InputError
from hyprl_lab.research.null.resampled import block_length, resampled_rows, resampled_sessions
from hyprl_lab.research.stats.permutation import BarMoves, permutations
from hyprl_lab.research.stats.streams import SplitMix64
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from hyprl_lab.data.bars import Bars
    from hyprl_lab.research.null.result import Kind
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["Markets", "session_slots"]

_KINDS: Final = ("permutation", "bootstrap")


def session_slots(bars: Bars) -> IntArray | None:
    """Return the place of each intraday bar in its session; `None` for bars of a day or longer.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> session_slots(load_bars("TEST")) is None
    True
    """
    if not Timeframe.parse(bars.timeframe).is_intraday:
        return None
    starts, lengths = session_runs(session_numbers(bars.ts, bars.calendar))
    return np.arange(len(bars), dtype=np.int64) - np.repeat(starts, lengths)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Markets:
    """Permuted or bootstrapped copies of some bars.

    Parameters
    ----------
    moves
        The bars taken apart.
    kind
        `permutation` or `bootstrap`.
    seed
        Of the streams; market number `path` has the stream of (seed, path).
    slots
        Places in the session of the rows that move; `None` where all may be exchanged.
    block_length
        Of the bootstrap; `None` of a permutation.
    """

    moves: BarMoves
    kind: Kind
    seed: int
    slots: IntArray | None
    block_length: float | None

    @classmethod
    def of(cls, bars: Bars, *, kind: Kind, seed: int, start: int = 0) -> Markets:
        """Prepare the markets of some bars.

        Parameters
        ----------
        bars
            What is copied; intraday bars move within the places of their sessions alone.
        kind, seed
            As above.
        start
            Leading bars that stay.

        Raises
        ------
        InputError
            There is no such kind.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> bars = load_bars("TEST")
        >>> made = Markets.of(bars, kind="permutation", seed=0).columns(0)
        >>> bool(np.isclose(made["close"][-1], bars.close[-1]))
        True
        """
        if kind not in _KINDS:
            raise InputError(f"kind is {shown(kind)}; choose 'permutation' or 'bootstrap'")
        moves = BarMoves.of(bars.columns, start=start)
        slots = session_slots(bars)
        block = None
        if kind == "bootstrap":
            ends = np.arange(len(bars)) if slots is None else np.asarray(bars.headline)
            block = block_length(bars.close[ends])
        return cls(
            moves=moves,
            kind=kind,
            seed=seed,
            slots=None if slots is None else slots[moves.kept :],
            block_length=block,
        )

    def columns(self, path: int) -> dict[str, FloatArray]:
        """Return the columns of one market."""
        stream = SplitMix64.of_path(self.seed, path)
        if self.block_length is None:
            return self.moves.rebuilt(*permutations(stream, self.moves.rows, self.slots))
        if self.slots is None:
            rows = resampled_rows(stream, self.moves.rows, self.block_length)
        else:
            rows = resampled_sessions(stream, self.slots, self.block_length)
        return self.moves.rebuilt(rows, rows)
