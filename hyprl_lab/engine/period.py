"""The part of the bars that a run trades on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from hyprl_lab.data.instant import microseconds
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from datetime import date, datetime

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.types import IntArray, JsonValue

__all__ = ["Moment", "Period", "Window"]

Moment: TypeAlias = "str | date | datetime | np.datetime64 | int"

_YEAR_SECONDS: Final = 365.25 * 86_400


@dataclass(frozen=True, slots=True)
class Window:
    """Rows of bars: evaluation ends before `stop`, simulation starts at `start`.

    Parameters
    ----------
    start, stop
        Row numbers, 0 ≤ start < stop.
    headline
        Rows in [start, stop) at which equity is sampled, the last row among them.
    years
        Elapsed years (365.25 days) from bar `start` to the last bar.
    """

    start: int
    stop: int
    headline: IntArray
    years: float

    def period(self, bars: Bars) -> Period:
        """Return the one period that means these rows: `end` is `None` at the last bar.

        However a period was asked for, equal rows have equal hashes.
        """
        end = None if self.stop == len(bars) else int(bars.ts[self.stop])
        return Period(int(bars.ts[self.start]), end)


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment to another, in microseconds since the epoch; `None` is open.

    Bars that open at or after `start` and before `end` are traded; earlier bars warm indicators
    up, later ones are never seen.

    Parameters
    ----------
    start, end
        Microseconds UTC.

    Examples
    --------
    >>> Period.of(("2020-01-01", None)).to_json()
    {'start': '2020-01-01T00:00:00+00:00', 'end': None}
    """

    start: int | None = None
    end: int | None = None

    @classmethod
    def of(cls, period: Period | tuple[Moment | None, Moment | None] | None) -> Period:
        """Read a period from moments in any form that `Bars.slice` takes."""
        if period is None:
            return cls()
        if isinstance(period, Period):
            return period
        start, end = period
        return cls(
            None if start is None else microseconds(start),
            None if end is None else microseconds(end),
        )

    def window(self, bars: Bars) -> Window:
        """Return the rows of `bars` that the period means.

        Raises
        ------
        BarsError
            No bar lies in the period.
        """
        start = 0 if self.start is None else int(np.searchsorted(bars.ts, self.start))
        stop = len(bars) if self.end is None else int(np.searchsorted(bars.ts, self.end))
        if start >= stop:
            raise BarsError(
                f"no bar opens in the period {self.to_json()}; the bars reach from "
                f"{_iso(int(bars.ts[0]))} to {_iso(int(bars.ts[-1]))}"
            )
        rows = bars.headline
        rows = rows[(rows >= start) & (rows < stop)]
        if len(rows) == 0 or rows[-1] != stop - 1:
            rows = np.append(rows, stop - 1)
        elapsed = float(bars.ts[stop - 1] - bars.ts[start]) / 1e6
        return Window(start, stop, rows, elapsed / _YEAR_SECONDS)

    def to_json(self) -> dict[str, JsonValue]:
        """Return both ends as ISO 8601 in UTC."""
        return {
            "start": None if self.start is None else _iso(self.start),
            "end": None if self.end is None else _iso(self.end),
        }


def _iso(ts: int) -> str:
    text = str(np.datetime64(ts, "us"))  # any year; `datetime` ends with 9999
    return text.removesuffix(".000000") + "+00:00"
