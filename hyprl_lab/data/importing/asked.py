"""What the caller of an import said, checked before anything is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hyprl_lab.data.checks import check_symbol
from hyprl_lab.data.importing.repairs import check_repair
from hyprl_lab.data.importing.times import check_dates
from hyprl_lab.data.importing.zones import check_zone
from hyprl_lab.data.sessions import check_calendar
from hyprl_lab.data.timeframe import Timeframe

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
    ) -> Asked:
        """Return it, once nothing of it is impossible.

        Raises
        ------
        BarsError
            Naming what is.
        """
        if symbol is not None:
            check_symbol(symbol)
        return cls(
            symbol=symbol,
            timeframe=None if timeframe is None else Timeframe.parse(timeframe),
            tz=check_zone(tz),
            columns=columns,
            dates=check_dates(dates),
            calendar=None if calendar is None else check_calendar(calendar),
            repair=check_repair(repair),
        )
