"""Several instruments of one timeframe and calendar, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from hyprl_lab.data.bars import Bars
from hyprl_lab.errors import BarsError, UnknownSymbolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pandas as pd

    from hyprl_lab.data.findings import Quality
    from hyprl_lab.data.importing import Stamp
    from hyprl_lab.data.importing.plan import Columns

__all__ = ["Join", "Panel"]

Join: TypeAlias = Literal["inner", "outer"]


class Panel(Mapping[str, Bars]):
    """Bars by symbol, in sorted order; each keeps its own times (ragged) until aligned.

    Parameters
    ----------
    bars
        At least one instrument; one timeframe and one calendar for all, each symbol once.

    Raises
    ------
    BarsError
        There are none, a symbol stands twice, or timeframes or calendars differ.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> panel = Panel([load_bars("sp500"), load_bars("nasdaq")])
    >>> list(panel), panel.is_aligned
    (['NASDAQ', 'SP500'], True)
    """

    def __init__(self, bars: Iterable[Bars]) -> None:
        given = list(bars)
        if not given:
            raise BarsError("panel: found no bars; expected at least one instrument")
        for one in given:
            if not isinstance(one, Bars):
                raise BarsError(f"panel: found {type(one).__name__}; expected Bars")
        symbols = [one.symbol for one in given]
        twice = sorted(symbol for symbol, count in Counter(symbols).items() if count > 1)
        if twice:
            raise BarsError(f"panel: found {twice} more than once; expected each symbol once")
        for name in ("timeframe", "calendar"):
            found = sorted({str(getattr(one, name)) for one in given})
            if len(found) > 1:
                raise BarsError(
                    f"panel: found the {name}s {found}; expected one for all. Resample, or make "
                    f"the bars with one {name}"
                )
        self._bars = MappingProxyType({one.symbol: one for one in sorted(given, key=_symbol)})

    @classmethod
    def from_pandas(
        cls,
        df: pd.DataFrame,
        *,
        by: str = "symbol",
        timeframe: str,
        calendar: str | None = None,
        tz: str | None = None,
    ) -> Panel:
        """Make a panel of a long frame: a row for each time and symbol.

        Parameters
        ----------
        df
            Rows in increasing order of time within each symbol; see `Bars.from_pandas`.
        by
            The column of symbols.
        timeframe, calendar, tz
            As in `Bars.from_pandas`, for each symbol.

        Raises
        ------
        BarsError
            There is no such column, or a symbol's rows are not bars; the message names it.

        Examples
        --------
        >>> import pandas as pd
        >>> df = pd.DataFrame({"date": ["2024-01-02"] * 2, "symbol": ["A", "B"], "open": [1, 5],
        ...                    "high": [1, 5], "low": [1, 5], "close": [1, 5]})
        >>> list(Panel.from_pandas(df, timeframe="1d"))
        ['A', 'B']
        """
        if by not in df.columns:
            raise BarsError(
                f"panel: found the columns {[str(name) for name in df.columns][:20]}, without "
                f"{by!r}; name the column of symbols: by=…"
            )
        if bool(df[by].isna().any()):
            row = int(np.argmax(df[by].isna().to_numpy()))
            raise BarsError(f"panel: row {row}, column {by}: found no symbol; expected one a row")
        found = []
        for symbol, rows in df.groupby(by, sort=True):
            try:
                found.append(
                    Bars.from_pandas(
                        rows.drop(columns=by),
                        symbol=str(symbol),
                        timeframe=timeframe,
                        calendar=calendar,
                        tz=tz,
                    )
                )
            except BarsError as error:
                raise BarsError(f"{by} {symbol} (rows counted within it): {error}") from error
        return cls(found)

    @classmethod
    def read(
        cls,
        path: str | Path,
        *,
        by: str = "symbol",
        timeframe: str,
        calendar: str | None = None,
        tz: str | None = None,
        columns: Columns | None = None,
        dates: str | None = None,
        repair: Mapping[str, str] | None = None,
        skip: int = 0,
        decimal: str | None = None,
        thousands: str | None = None,
        stamp: Stamp = "open",
    ) -> Panel:
        r"""Read a panel from a long CSV or Parquet file, in memory, by the rules of `read_bars`.

        Parameters
        ----------
        path
            A row for each time and symbol, in increasing order of time within each symbol.
        by
            The column of symbols: text as it is written, without the blanks around it, so that
            `0005` and `5` are two. Other columns of text are left out.
        timeframe
            Of all.
        calendar
            Of all; `None` reads it off the times of all symbols together.
        tz, columns, dates, repair, skip, decimal, thousands, stamp
            As in `read_bars`.

        Raises
        ------
        QualityError
            Rows are not bars and no repair was asked for; `error.quality` has all findings, each
            with its symbol and its rows of the file.
        BarsError
            The file can't be read as bars, or something about it is not proved.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> file = Path(tempfile.mkdtemp()) / "panel.csv"
        >>> _ = file.write_text("ts,symbol,open,high,low,close\n2024-01-02,A,1,2,1,2\n")
        >>> len(Panel.read(file, timeframe="1d")["A"])
        1
        """
        from hyprl_lab.data.importing import import_several

        bars, _ = import_several(
            path,
            by=by,
            timeframe=timeframe,
            calendar=calendar,
            tz=tz,
            columns=columns,
            dates=dates,
            repair=repair,
            skip=skip,
            decimal=decimal,
            thousands=thousands,
            stamp=stamp,
        )
        return cls(bars)

    @property
    def timeframe(self) -> str:
        """The length of a bar, of all."""
        return self._first.timeframe

    @property
    def calendar(self) -> str:
        """The calendar of all."""
        return self._first.calendar

    @property
    def is_aligned(self) -> bool:
        """Whether all have the same times."""
        first = self._first.ts
        return all(np.array_equal(one.ts, first) for one in self._bars.values())

    def aligned(self) -> Panel:
        """Return a panel of the bars whose times all instruments have.

        Raises
        ------
        BarsError
            There is no such time.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> late = load_bars("nasdaq").slice("2010-01-01")
        >>> panel = Panel([load_bars("sp500"), late]).aligned()
        >>> len(panel["SP500"]) == len(late)
        True
        """
        common = reduce(np.intersect1d, (one.ts for one in self._bars.values()))
        if common.size == 0:
            raise BarsError(
                f"panel: found no time that all of {list(self)[:20]} have; leave some out"
            )
        return Panel(one.at(np.searchsorted(one.ts, common)) for one in self._bars.values())

    def column(self, name: str = "close", *, join: Join = "outer") -> pd.DataFrame:
        """Return one column of all instruments: a row a time, a column a symbol.

        Parameters
        ----------
        name
            A column that all have.
        join
            `"outer"`: every time that any has, NaN where an instrument has no bar; `"inner"`:
            the times that all have.

        Returns
        -------
        pandas.DataFrame
            float64, with a UTC DatetimeIndex named ts. Nothing is filled.

        Raises
        ------
        BarsError
            An instrument has no such column, or `join` is neither.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> Panel([load_bars("sp500"), load_bars("nasdaq")]).column("close").shape
        (5031, 2)
        """
        import pandas as pd

        if join not in ("inner", "outer"):
            raise BarsError(f"join: found {join!r}; expected 'inner' or 'outer'")
        lacking = [symbol for symbol, one in self._bars.items() if name not in one.columns]
        if lacking:
            raise BarsError(f"column {name}: found none in {lacking[:20]}; expected one in each")
        series = {
            symbol: pd.Series(one.columns[name], one.ts.view("datetime64[us]"))
            for symbol, one in self._bars.items()
        }
        frame = pd.concat(series, axis=1, join=join, sort=True)
        frame.index = pd.DatetimeIndex(frame.index, name="ts").tz_localize("UTC")
        return frame

    def quality(self, *, calendar: str | None = None) -> dict[str, Quality]:
        """Return each instrument's `Bars.quality()`, by symbol."""
        return {symbol: one.quality(calendar=calendar) for symbol, one in self._bars.items()}

    def __getitem__(self, symbol: str) -> Bars:
        if not isinstance(symbol, str):
            raise UnknownSymbolError(
                f"panel: found {symbol!r}; expected one symbol. A panel of several: "
                "hl.Panel(panel[symbol] for symbol in [...])"
            )
        if symbol not in self._bars:
            raise UnknownSymbolError(
                f"panel: found no {symbol!r}; expected one of {list(self)[:40]}"
            )
        return self._bars[symbol]

    def __iter__(self) -> Iterator[str]:
        return iter(self._bars)

    def __len__(self) -> int:
        return len(self._bars)

    def __repr__(self) -> str:
        lines = [
            f"  {symbol}: {len(one):,} bars, {str(one.ts[0].astype('M8[us]'))[:10]} to "
            f"{str(one.ts[-1].astype('M8[us]'))[:10]}"
            for symbol, one in self._bars.items()
        ]
        times = "aligned" if self.is_aligned else "ragged"
        return "\n".join([f"Panel {self.timeframe}, calendar {self.calendar}, {times}", *lines])

    @property
    def _first(self) -> Bars:
        return next(iter(self._bars.values()))


def _symbol(bars: Bars) -> str:
    return bars.symbol
