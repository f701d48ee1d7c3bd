"""Bars: one instrument's prices and features on one clock, checked once and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from hyprl_lab.data import display
from hyprl_lab.data.adjust import adjusted_columns
from hyprl_lab.data.checks import OHLCV, as_microseconds, check_columns, check_symbol, check_ts
from hyprl_lab.data.fingerprint import canonical_floats, fingerprint
from hyprl_lab.data.instant import microseconds
from hyprl_lab.data.sessions import (
    check_calendar,
    headline_rows,
    infer_calendar,
    periods_per_year,
)
from hyprl_lab.data.timeframe import Timeframe, check_spacing, stamp
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    import pandas as pd

    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["Bars"]

_State: TypeAlias = "tuple[str, str, str, IntArray, dict[str, FloatArray], bool]"


@dataclass(frozen=True, eq=False, repr=False)
class Bars:
    """One instrument's OHLCV series plus feature columns.

    Arrays are read-only. Whatever is not a market's print is refused, never repaired: see
    `hyprl_lab.data.checks` for the rules. Values are stored with one NaN and without negative
    zero, so bars of one fingerprint hold the same bits.

    Parameters
    ----------
    symbol
        The instrument's name, 1 to 100 printable characters.
    timeframe
        The length of a bar: `"1m"`, `"1h"`, `"1d"`, `"1w"`, `"1mo"`, …
    calendar
        `"XNYS"`, `"24/5"` or `"24/7"`; see `hyprl_lab.data.sessions`.
    ts
        int64 microseconds since the epoch, UTC: the open of each bar, increasing.
    columns
        float64 arrays by name: open, high, low, close, volume where known, then features sorted
        by name. Only features may hold NaN, which means missing.
    calendar_inferred
        Whether the calendar was read off the stamps rather than stated.

    Raises
    ------
    BarsError
        Naming the first bad row and its column.

    Examples
    --------
    >>> prices = np.array([10.0, 11.0])
    >>> bars = Bars("ACME", "1d", "XNYS", np.array([0, 86_400_000_000]),
    ...             {"open": prices, "high": prices, "low": prices, "close": prices})
    >>> len(bars), bars.periods_per_year
    (2, 252.0)
    """

    symbol: str
    timeframe: str
    calendar: str
    ts: IntArray
    columns: Mapping[str, FloatArray]
    calendar_inferred: bool = False

    def __post_init__(self) -> None:
        check_symbol(self.symbol)
        timeframe = Timeframe.parse(self.timeframe)
        check_calendar(self.calendar)
        ts = as_microseconds(self.ts)
        check_ts(ts)
        given = {
            name: canonical_floats(np.asarray(values, dtype=np.float64))
            for name, values in self.columns.items()
        }
        check_columns(ts, given)
        check_spacing(ts, timeframe)
        order: list[str] = [name for name in OHLCV if name in given]
        order += sorted(name for name in given if name not in OHLCV)
        self._fill(
            (
                self.symbol,
                str(timeframe),
                self.calendar,
                ts,
                {name: given[name] for name in order},
                self.calendar_inferred,
            )
        )

    @classmethod
    def from_pandas(
        cls,
        df: pd.DataFrame,
        *,
        symbol: str,
        timeframe: str,
        calendar: str | None = None,
        tz: str | None = None,
    ) -> Bars:
        """Make bars of a pandas frame.

        Times come from a DatetimeIndex, or from a column named ts, date, datetime, timestamp or
        time (any case); such a column may hold ISO 8601 text. Open, high, low, close and volume
        are found in any case; volume may be absent, and a volume column without any value is. Every
        other column becomes a feature under its name in snake case (`"Adj Close"` → `"adj_close"`);
        booleans become 0 and 1.

        Parameters
        ----------
        df
            The frame, in increasing order of time. It is copied.
        symbol, timeframe
            See `Bars`.
        calendar
            `None` reads it off the times; `bars.calendar_inferred` then says so.
        tz
            The zone of naive times, such as `"America/New_York"`. Needed where times carry none,
            except for bare dates of bars of a day or longer, which mean midnight UTC; refused
            where times carry their own.

        Raises
        ------
        BarsError
            Naming the row and the column that can't be used.

        Examples
        --------
        >>> import pandas as pd
        >>> df = pd.DataFrame({"Date": ["2024-01-02", "2024-01-03"], "Open": [1, 2],
        ...                    "High": [2, 3], "Low": [1, 2], "Close": [2, 3]})
        >>> bars = Bars.from_pandas(df, symbol="ACME", timeframe="1d")
        >>> bars.calendar, bars.calendar_inferred
        ('XNYS', True)
        """
        from hyprl_lab.data.frames import arrays_of

        ts, columns, length = arrays_of(df, timeframe=timeframe, tz=tz)
        return cls.from_arrays(ts, columns, symbol=symbol, timeframe=str(length), calendar=calendar)

    @classmethod
    def from_arrays(
        cls,
        ts: IntArray,
        columns: Mapping[str, FloatArray],
        *,
        symbol: str,
        timeframe: str,
        calendar: str | None = None,
    ) -> Bars:
        """Make bars of arrays; `calendar=None` reads it off the times.

        Raises
        ------
        BarsError
            As `Bars` does.

        Examples
        --------
        >>> prices = np.full(7, 10.0)
        >>> columns = dict.fromkeys(("open", "high", "low", "close"), prices)
        >>> week = np.arange(7) * 86_400_000_000
        >>> Bars.from_arrays(week, columns, symbol="COIN", timeframe="1d").calendar
        '24/7'
        """
        ts = as_microseconds(ts)
        check_ts(ts)
        length = Timeframe.parse(timeframe)
        chosen = infer_calendar(ts, length) if calendar is None else calendar
        return cls(symbol, str(length), chosen, ts, columns, calendar is None)

    @classmethod
    def _restored(cls, *state: object) -> Bars:
        """Rebuild from the parts of checked bars, without checking them again."""
        bars = object.__new__(cls)
        bars._fill(state)  # type: ignore[arg-type]  # the parts __reduce__ or _cut gave out
        return bars

    def _fill(self, state: _State) -> None:
        symbol, timeframe, calendar, ts, columns, inferred = state
        for array in (ts, *columns.values()):
            array.setflags(write=False)
        # A frozen dataclass is filled this way alone, here and once.
        for name, value in (
            ("symbol", symbol),
            ("timeframe", timeframe),
            ("calendar", calendar),
            ("ts", ts),
            ("columns", MappingProxyType(columns)),
            ("calendar_inferred", inferred),
        ):
            object.__setattr__(self, name, value)

    @property
    def open(self) -> FloatArray:
        """First price of each bar, in the instrument's currency."""
        return self.columns["open"]

    @property
    def high(self) -> FloatArray:
        """Highest price of each bar."""
        return self.columns["high"]

    @property
    def low(self) -> FloatArray:
        """Lowest price of each bar."""
        return self.columns["low"]

    @property
    def close(self) -> FloatArray:
        """Last price of each bar."""
        return self.columns["close"]

    @property
    def volume(self) -> FloatArray:
        """Units traded in each bar, as the source counts them.

        Raises
        ------
        BarsError
            These bars have no volume.
        """
        if "volume" not in self.columns:
            raise BarsError(
                f"column volume: found none in {self.symbol} ({list(self.columns)}); "
                "expected one. Load bars with volume, or write the strategy without it"
            )
        return self.columns["volume"]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of times and all columns, as 64 hexadecimal letters."""
        return fingerprint(self.ts, self.columns)

    @cached_property
    def ohlcv_fingerprint(self) -> str:
        """SHA-256 of times, prices and volume, whatever features there are."""
        return fingerprint(
            self.ts, {name: self.columns[name] for name in OHLCV if name in self.columns}
        )

    @cached_property
    def headline(self) -> IntArray:
        """Rows whose closes make the headline series: each bar, or each session's last bar."""
        rows = headline_rows(self.ts, Timeframe.parse(self.timeframe), self.calendar)
        rows.setflags(write=False)
        return rows

    @property
    def periods_per_year(self) -> float:
        """Headline periods a year: 252, 260 or 365 sessions; weeks 52; months 12."""
        return periods_per_year(Timeframe.parse(self.timeframe), self.calendar)

    def take(self, start: int, stop: int) -> Bars:
        """Return rows `start` to `stop`, the last one excluded, without copying.

        Raises
        ------
        BarsError
            Unless 0 ≤ start < stop ≤ len(bars).

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> len(load_bars("TEST").take(100, 200))
        100
        """
        if not 0 <= start < stop <= len(self):
            raise BarsError(
                f"take: found rows {start} to {stop}; expected 0 ≤ start < stop ≤ {len(self)}"
            )
        rows = slice(start, stop)
        return Bars._restored(
            self.symbol,
            self.timeframe,
            self.calendar,
            self.ts[rows],
            {name: values[rows] for name, values in self.columns.items()},
            self.calendar_inferred,
        )

    def slice(
        self,
        start: str | date | datetime | np.datetime64 | int | None = None,
        end: str | date | datetime | np.datetime64 | int | None = None,
    ) -> Bars:
        """Return the bars that open at or after `start` and before `end`.

        Parameters
        ----------
        start, end
            ISO 8601 text, a date, a datetime, or microseconds since the epoch; without a zone
            they are UTC. `None` is the first bar, or past the last.

        Raises
        ------
        BarsError
            A moment can't be read, or no bar lies between.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> str(load_bars("TEST").slice("2020-02-01", "2020-03-01").ts[0].astype("M8[us]"))[:10]
        '2020-02-03'
        """
        first = 0 if start is None else int(np.searchsorted(self.ts, microseconds(start)))
        stop = len(self) if end is None else int(np.searchsorted(self.ts, microseconds(end)))
        if first >= stop:
            raise BarsError(
                f"slice: found no bar from {start} to {end}; "
                f"expected a part of {stamp(self.ts[0])} to {stamp(self.ts[-1])}"
            )
        return self.take(first, stop)

    def adjusted(self, column: str = "adj_close") -> Bars:
        """Return bars whose close is the adjusted close, the other prices scaled with it.

        Bar by bar, f = adjusted close ÷ close; open, high and low are multiplied by f. See
        `hyprl_lab.data.adjust` for the rounding. Volume and features stay.

        Parameters
        ----------
        column
            The feature that holds adjusted closes.

        Raises
        ------
        BarsError
            There is no such feature, or it is missing, infinite or not above zero in some row.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> bars = load_bars("sp500").adjusted()
        >>> bool((bars.close == bars.columns["adj_close"]).all())
        True
        """
        columns = adjusted_columns(self.ts, self.columns, column)
        return Bars(
            self.symbol, self.timeframe, self.calendar, self.ts, columns, self.calendar_inferred
        )

    def to_pandas(self) -> pd.DataFrame:
        """Return a new frame: a UTC DatetimeIndex named ts in microseconds, float64 columns.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> load_bars("TEST").to_pandas().index.name
        'ts'
        """
        import pandas as pd

        index = pd.DatetimeIndex(self.ts.view("datetime64[us]"), name="ts").tz_localize("UTC")
        return pd.DataFrame({name: values.copy() for name, values in self.columns.items()}, index)

    def __len__(self) -> int:
        return int(self.ts.size)

    def __eq__(self, other: object) -> bool:
        return self._identity == other._identity if isinstance(other, Bars) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str, str, str]:
        return (self.fingerprint, self.symbol, self.timeframe, self.calendar)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        state = (self.symbol, self.timeframe, self.calendar, self.ts, dict(self.columns))
        return (Bars._restored, (*state, self.calendar_inferred))

    def __repr__(self) -> str:
        return display.text(self)

    def _repr_html_(self) -> str:
        return display.html(self)
