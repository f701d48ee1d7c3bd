"""What the caller of an import said, checked before anything is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hyprl_lab.data.checks import check_symbol
from hyprl_lab.data.importing.marks import Marks
from hyprl_lab.data.importing.repairs import check_repair
from hyprl_lab.data.importing.times import check_dates
from hyprl_lab.data.importing.zones import check_zone
from hyprl_lab.data.sessions import check_calendar
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data.importing.plan import Columns

__all__ = ["Asked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to read a file as; `None` where the file has to say it. See `import_file`.

    Examples
    --------
    >>> str(Asked.checked(timeframe="60m").timeframe)
    '1h'
    """

    symbol: str | None
    timeframe: Timeframe | None
    tz: str | None
    columns: Columns | None
    dates: str | None
    calendar: str | None
    repair: dict[str, str]
    skip: int
    marks: Marks
    stamp: str

    @property
    def shift_us(self) -> int:
        """How much later than its bar's open a time is, microseconds."""
        late = self.stamp == "close" and self.timeframe is not None
        return self.timeframe.shortest_us if late and self.timeframe is not None else 0

    @classmethod
    def checked(
        cls,
        *,
        symbol: str | None = None,
        timeframe: str | None = None,
        tz: str | None = None,
        columns: Columns | None = None,
        dates: str | None = None,
        calendar: str | None = None,
        repair: Mapping[str, str] | None = None,
        skip: int = 0,
        decimal: str | None = None,
        thousands: str | None = None,
        stamp: str = "open",
    ) -> Asked:
        """Return it, once nothing of it is impossible.

        Raises
        ------
        BarsError
            Naming what is.
        """
        if symbol is not None:
            check_symbol(symbol)
        if isinstance(skip, bool) or not isinstance(skip, int) or skip < 0:
            raise BarsError(f"skip: found {skip!r}; expected how many lines, 0 or more")
        length = None if timeframe is None else Timeframe.parse(timeframe)
        _check_stamp(stamp, length)
        return cls(
            symbol=symbol,
            timeframe=length,
            tz=check_zone(tz),
            columns=columns,
            dates=check_dates(dates),
            calendar=None if calendar is None else check_calendar(calendar),
            repair=check_repair(repair),
            skip=skip,
            marks=Marks.checked(decimal, thousands),
            stamp=stamp,
        )


def _check_stamp(stamp: object, timeframe: Timeframe | None) -> None:
    if stamp not in ("open", "close"):
        raise BarsError(f"stamp: found {stamp!r}; expected 'open' or 'close'")
    if stamp == "close" and (timeframe is None or not timeframe.is_intraday):
        raise BarsError(
            f"stamp: found 'close' with timeframe={None if timeframe is None else str(timeframe)!r}"
            "; expected a stated timeframe below a day, which is taken off each time. Bars of a "
            "day or longer are named by their date: leave stamp= out"
        )
