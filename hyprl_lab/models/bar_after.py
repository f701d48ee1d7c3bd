"""The bar that is put after another one, to ask an engine what it does at its open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from hyprl_lab.types import BoolArray, FloatArray, IntArray

if TYPE_CHECKING:
    from hyprl_lab.data import Bars
    from hyprl_lab.data.timeframe import Timeframe
    from hyprl_lab.engine.simulation import SimulationInputs
    from hyprl_lab.engine.timing import Timing
    from hyprl_lab.strategy import Strategy

__all__ = ["BarAfter"]

_PRICES: Final = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True, eq=False)
class BarAfter:
    """For each bar the made-up one after it: when it opens, and in which session.

    Its prices are the close of the bar before, its other columns those of the bar before. It opens
    one bar later, and belongs to the same session if it opens before the scheduled close; otherwise
    it is the first one of the next session. Nothing of it is read off later bars.

    Parameters
    ----------
    known
        Inputs of the bars alone.
    timing
        Of the bars and one more.
    ts
        Its open, microseconds since the epoch, UTC.
    session, square_off
        Of the made-up bar after each bar; `None` where no rule asks.
    """

    known: SimulationInputs
    timing: Timing
    ts: IntArray
    session: IntArray | None
    square_off: BoolArray | None

    @classmethod
    def of(cls, bars: Bars, strategy: Strategy, known: SimulationInputs) -> BarAfter:
        """Read the schedule."""
        from hyprl_lab.data.timeframe import Timeframe
        from hyprl_lab.engine.timing import timing

        timeframe, execution = Timeframe.parse(bars.timeframe), known.execution
        ts = bars.ts + timeframe.shortest_us
        extended = timing(
            np.append(bars.ts, ts[-1]),
            timeframe,
            bars.calendar,
            strategy=strategy,
            execution=execution,
        )
        if known.session is None:
            return cls(known, extended, ts, None, None)
        same = _same_session(bars.ts, ts, timeframe, bars.calendar)
        square_off = None
        if execution.intraday:
            from hyprl_lab.data.schedule import square_off as stands

            square_off = same & stands(ts, timeframe, bars.calendar, execution.session_cutoff)
        return cls(known, extended, ts, known.session + ~same, square_off)

    @property
    def irregular(self) -> BoolArray:
        """Rows whose next bar is of another session or side of the cutoff than scheduled."""
        rows = np.zeros(self.ts.size, np.bool_)
        for made_up, real in (
            (self.session, self.known.session),
            (self.square_off, self.known.square_off),
        ):
            if made_up is not None and real is not None:
                rows[:-1] |= made_up[:-1] != real[1:]
        return rows

    def appended(self) -> SimulationInputs:
        """Return the inputs with the made-up bar after the last one."""
        known = self.known
        close = known.columns["close"][-1]
        return replace(
            known,
            columns={
                name: np.append(values, close if name in _PRICES else values[-1])
                for name, values in known.columns.items()
            },
            ts=np.append(known.ts, self.ts[-1]),
            clock=self.timing.clock,
            longer=self.timing.longer,
            session=_with_last(known.session, self.session),
            square_off=_with_last(known.square_off, self.square_off),
        )

    def made_up(self, inputs: SimulationInputs, row: int) -> SimulationInputs:
        """Return `appended` inputs with the bar after `row` made up; what follows says nothing."""
        ts = inputs.ts.copy()
        ts[row + 1] = self.ts[row]
        return replace(
            inputs,
            columns={
                name: _repeated(values, inputs.columns["close"] if name in _PRICES else values, row)
                for name, values in inputs.columns.items()
            },
            ts=ts,
            session=_set_after(inputs.session, self.session, row),
            square_off=_set_after(inputs.square_off, self.square_off, row),
        )


def _same_session(ts: IntArray, after: IntArray, timeframe: Timeframe, calendar: str) -> BoolArray:
    """Return which bars' next one, scheduled to open at `after`, is of the same session."""
    from hyprl_lab.data.schedule import closes
    from hyprl_lab.data.sessions import session_days, wall_clock

    days = session_days(ts, calendar)
    sessions, places = np.unique(days, return_inverse=True)
    before_close = wall_clock(after, timeframe, calendar) < closes(sessions, calendar)[places]
    same: BoolArray = before_close & (session_days(after, calendar) == days)
    return same


_Array = TypeVar("_Array", IntArray, BoolArray)


def _with_last(real: _Array | None, made_up: _Array | None) -> _Array | None:
    if real is None or made_up is None:
        return None
    return np.append(real, made_up[-1])


def _set_after(real: _Array | None, made_up: _Array | None, row: int) -> _Array | None:
    if real is None or made_up is None:
        return None
    changed = real.copy()
    changed[row + 1] = made_up[row]
    return changed


def _repeated(values: FloatArray, source: FloatArray, row: int) -> FloatArray:
    changed = values.copy()
    changed[row + 1] = source[row]
    return changed
