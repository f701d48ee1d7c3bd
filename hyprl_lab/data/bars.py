"""Bars: one instrument's prices and features on one clock, checked once and never changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from hyprl_lab.data import display
from hyprl_lab.data.adjust import adjusted_columns
from hyprl_lab.data.checks import OHLCV, as_microseconds, check_columns, check_symbol, check_ts
from hyprl_lab.data.fingerprint import canonical_floats, fingerprint, told_rows
from hyprl_lab.data.instant import microseconds
from hyprl_lab.data.lineage import Lineage
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
    from datetime import date
    from pathlib import Path

    import pandas as pd

    from hyprl_lab.data.factors import Factors
    from hyprl_lab.data.findings import Quality
    from hyprl_lab.data.resample import Anchor
    from hyprl_lab.data.split import Split, Window
    from hyprl_lab.types import FloatArray, IntArray, JsonValue

__all__ = ["Bars"]

_UNKNOWN: Final = Lineage()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_OR_MONTH: Final = re.compile(r"[0-9]{4}(-[0-9]{2})?")

_State: TypeAlias = "tuple[str, str, str, IntArray, dict[str, FloatArray], bool, Lineage]"


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
        `"XNYS"`, `"24/5"`, `"24/7"` or another exchange's code; see `hyprl_lab.data.calendars`.
    ts
        int64 microseconds since the epoch, UTC: the open of each bar, increasing.
    columns
        float64 arrays by name: open, high, low, close, volume where known, then features sorted
        by name. Only features may hold NaN, which means missing.
    calendar_inferred
        Whether the calendar was read off the stamps rather than stated.
    lineage
        Where the bars came from and what was done to them; no part of their content.

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
    lineage: Lineage = _UNKNOWN

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
                self.lineage,
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
        symbol, timeframe, calendar, ts, columns, inferred, lineage = state
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
            ("lineage", lineage),
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

    @property
    def start(self) -> datetime:
        """When the first bar opens, UTC.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> load_bars("sp500").start.isoformat()
        '1999-01-04T00:00:00+00:00'
        """
        return _EPOCH + timedelta(microseconds=int(self.ts[0]))

    @property
    def end(self) -> datetime:
        """When the last bar opens, UTC; `slice(end=bars.end)` leaves that bar out.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> f"{load_bars('sp500').end:%Y-%m-%d}"
        '2018-12-31'
        """
        return _EPOCH + timedelta(microseconds=int(self.ts[-1]))

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
        """Headline periods a year: sessions as the calendar counts them, 52 weeks, 12 months."""
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
            self.lineage.then("take", start=start, stop=stop),
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
            they are UTC. `"2005"` and `"2005-03"` are where that year or month begins. `None` is
            the first bar, or past the last.

        Raises
        ------
        BarsError
            A moment can't be read, or no bar lies between.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> february = load_bars("TEST").slice("2020-02", "2020-03")
        >>> f"{february.start:%Y-%m-%d} to {february.end:%Y-%m-%d}"
        '2020-02-03 to 2020-02-28'
        """
        first = 0 if start is None else int(np.searchsorted(self.ts, _moment(start)))
        stop = len(self) if end is None else int(np.searchsorted(self.ts, _moment(end)))
        if first >= stop:
            raise BarsError(
                f"slice: found no bar from {start} on and before {end}; "
                f"expected a part of {stamp(self.ts[0])} to {stamp(self.ts[-1])}"
            )
        return self.take(first, stop)

    def at(self, rows: IntArray) -> Bars:
        """Return the bars of these rows, which increase.

        Raises
        ------
        BarsError
            There are none, they don't increase, or one is outside.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> len(load_bars("TEST").at(np.array([0, 2, 4])))
        3
        """
        inside = rows.size > 0 and int(rows[0]) >= 0 and int(rows[-1]) < len(self)
        if not inside or bool(np.any(np.diff(rows) <= 0)):
            raise BarsError(f"at: expected increasing rows from 0 to {len(self) - 1}, at least one")
        return Bars._restored(
            self.symbol,
            self.timeframe,
            self.calendar,
            self.ts[rows],
            {name: values[rows] for name, values in self.columns.items()},
            self.calendar_inferred,
            self.lineage.then("at", **told_rows(self, rows)),
        )

    def derived(self, operation: str, **detail: JsonValue) -> Bars:
        """Return the same bars with one more step in their lineage.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> load_bars("TEST").derived("checked", by="hand").lineage.steps[-1].operation
        'checked'
        """
        return Bars._restored(
            self.symbol,
            self.timeframe,
            self.calendar,
            self.ts,
            dict(self.columns),
            self.calendar_inferred,
            self.lineage.then(operation, **detail),
        )

    def adjusted(
        self, column: str | None = None, *, factors: Factors | str | Path | None = None
    ) -> Bars:
        """Return bars on the scale of an adjusted close, or of a factor file.

        By a column, bar by bar: f = adjusted close ÷ close; open, high and low are multiplied by
        f, and close is the adjusted close; see `hyprl_lab.data.adjust` for the rounding. Volume
        and features stay. By factors: prices are multiplied by price factor · split factor of the
        bar's session, volume is divided by the split factor; features stay.

        Parameters
        ----------
        column
            The feature that holds adjusted closes; `"adj_close"` where no factors are given.
        factors
            The path of a file for `read_factors`, or a `Factors`:
            `hl.Factors.from_rows([("2005-02-28", 1.0, 0.5)])` halves prices up to that day.

        Raises
        ------
        BarsError
            Both are given; there is no such feature, or it is missing, infinite or not above
            zero in some row; or factors are something else, or malformed.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> bars = load_bars("sp500").adjusted()
        >>> bool((bars.close == bars.columns["adj_close"]).all())
        True
        """
        if factors is None:
            name = "adj_close" if column is None else column
            columns = adjusted_columns(self.ts, self.columns, name)
            detail: dict[str, JsonValue] = {"column": name}
        elif column is not None:
            raise BarsError("adjusted: found a column and factors; expected one of them")
        else:
            from hyprl_lab.data.factors import scaled_columns

            columns, source = scaled_columns(self, factors)
            detail = {"factors": source}
        return Bars(
            self.symbol,
            self.timeframe,
            self.calendar,
            self.ts,
            columns,
            self.calendar_inferred,
            self.lineage.then("adjust", of=self.fingerprint, **detail),
        )

    def quality(self, *, calendar: str | None = None) -> Quality:
        """Return what is odd about these bars; see `hyprl_lab.data.quality`.

        Parameters
        ----------
        calendar
            Whose sessions to hold them against, in place of their own.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> load_bars("TEST").quality().ok
        True
        """
        from hyprl_lab.data.quality import quality

        return quality(self, calendar=calendar)

    def resample(self, timeframe: str, *, anchor: Anchor = "midnight") -> Bars:
        """Return bars of a longer timeframe, closed ones only; see `hyprl_lab.data.resample`.

        Parameters
        ----------
        timeframe
            A multiple of these bars', such as `"1h"` of `"5m"` or `"1d"` of `"1h"`.
        anchor
            Where buckets shorter than a day count from: local `"midnight"`, as `hl.on` has it,
            or the `"session"`'s open.

        Raises
        ------
        BarsError
            The timeframe is no multiple, or no longer bar is closed.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> len(load_bars("TEST").resample("1w"))
        100
        """
        from hyprl_lab.data.resample import resample

        return resample(self, timeframe, anchor=anchor)

    def split(self, *, test: float = 0.2, holdout: float = 0.2) -> Split:
        """Return the first part to train on, the next to test on, the last to hold out.

        Parameters
        ----------
        test, holdout
            Fractions of the bars, each 0 or more, their sum below 1.

        Raises
        ------
        BarsError
            A fraction is out of range, or a part that was asked for would be empty.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> parts = load_bars("TEST").split(test=0.2, holdout=0.1)
        >>> len(parts.train), len(parts.test), len(parts.holdout)
        (350, 100, 50)
        """
        from hyprl_lab.data.split import split

        return split(self, test=test, holdout=holdout)

    def windows(self, *, train: int, test: int, step: int | None = None) -> list[Window]:
        """Return windows that walk forward, each a stretch to train on and the next to test on.

        Parameters
        ----------
        train, test
            Bars of each stretch, at least 1.
        step
            Bars from one window to the next; `test` by default, so that tests don't overlap.

        Raises
        ------
        BarsError
            A length is no whole number of at least 1, or not one window fits.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> [len(window.test) for window in load_bars("TEST").windows(train=300, test=100)]
        [100, 100]
        """
        from hyprl_lab.data.split import windows

        return windows(self, train=train, test=test, step=step)

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
        return (Bars._restored, (*state, self.calendar_inferred, self.lineage))

    def __repr__(self) -> str:
        return display.text(self)

    def _repr_html_(self) -> str:
        return display.html(self)


def _moment(moment: str | date | datetime | np.datetime64 | int) -> int:
    """Return microseconds; a year or a month, as ISO 8601 writes them, is where it begins."""
    if isinstance(moment, str) and _YEAR_OR_MONTH.fullmatch(moment):
        moment = f"{moment}-01-01"[: len("2005-01-01")]
    return microseconds(moment)
