"""From a pandas frame to plain arrays: names, numbers and times, nothing guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.checks import check_ts, refuse
from hyprl_lab.data.names import snake_case
from hyprl_lab.data.timeframe import DAY_US, Timeframe, infer_timeframe, stamp
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    import pandas as pd

    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["TIME_COLUMNS", "arrays_of"]

TIME_COLUMNS: Final = ("ts", "date", "datetime", "timestamp", "time")
_ISO: Final = (
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.]\d{1,9})?)?)?(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)
_TO_DATES: Final = "Convert them first: df.index = pd.to_datetime(…, format=…, utc=…)"


def arrays_of(
    df: pd.DataFrame, *, timeframe: str | None, tz: str | None
) -> tuple[IntArray, dict[str, FloatArray], Timeframe]:
    """Return a frame's times in microseconds UTC, its columns as float64, and its timeframe.

    Parameters
    ----------
    df
        See `Bars.from_pandas`.
    timeframe
        `None` reads it off the times.
    tz
        The zone of naive times.

    Raises
    ------
    BarsError
        Times, names or values can't be read; the message names the row and the column.
    """
    import pandas as pd

    if not isinstance(df, pd.DataFrame):
        raise BarsError(f"bars: found {type(df).__name__}; expected a pandas DataFrame")
    if isinstance(df.columns, pd.MultiIndex):
        raise BarsError(
            f"columns: found {df.columns.nlevels} levels; expected one instrument with one level "
            "of names. Take one: df.xs(symbol, axis=1, level=1)"
        )
    if len(df) == 0:
        raise BarsError("bars: found no rows; expected at least one bar")
    times, position = _times(df)
    wall, aware = _wall_clock(times)
    ts = _utc(wall, aware=aware, tz=tz)
    check_ts(ts)
    length = infer_timeframe(ts) if timeframe is None else Timeframe.parse(timeframe)
    if not aware and tz is None:
        _check_bare_dates(ts, length)
    columns: dict[str, FloatArray] = {}
    origins: dict[str, object] = {}
    for place, name in enumerate(df.columns):
        if place == position:
            continue
        plain = snake_case(str(name))
        if plain in columns:
            raise BarsError(
                f"columns: found {origins[plain]!r} and {name!r}, both {plain!r}; "
                "expected different names. Rename or drop one"
            )
        origins[plain] = name
        columns[plain] = _numbers(df.iloc[:, place], plain, ts)
    if "volume" in columns and bool(np.isnan(columns["volume"]).all()):
        del columns["volume"]  # a column without a single value knows no volume
    return ts, columns, length


def _times(df: pd.DataFrame) -> tuple[pd.DatetimeIndex, int | None]:
    """Return the stamps and, where they were a column, its position."""
    import pandas as pd

    if isinstance(df.index, pd.DatetimeIndex):
        _refuse_missing(df.index, str(df.index.name or "index"))
        return df.index, None
    if isinstance(df.index, pd.PeriodIndex):
        raise BarsError(
            "index: found periods; expected times. Convert them: df.index = df.index.to_timestamp()"
        )
    found = [place for place, name in enumerate(df.columns) if str(name).lower() in TIME_COLUMNS]
    if len(found) != 1:
        names = [str(df.columns[place]) for place in found]
        raise BarsError(
            f"times: found an index of {df.index.dtype} and the columns {names}; expected a "
            f"DatetimeIndex or one column named {', '.join(TIME_COLUMNS)}. {_TO_DATES}"
        )
    series = df.iloc[:, found[0]]
    name = str(series.name)
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        index = pd.DatetimeIndex(series)
    elif pd.api.types.is_numeric_dtype(series.dtype):
        raise BarsError(
            f"row 0, column {name}: found the number {series.iloc[0]}; expected times, for a "
            "number does not say whether it counts seconds, milliseconds or days. Convert it: "
            f"df[{name!r}] = pd.to_datetime(df[{name!r}], unit=…, utc=True)"
        )
    else:
        index = _iso(series.astype(str), name)
    _refuse_missing(index, name)
    return index, found[0]


def _refuse_missing(index: pd.DatetimeIndex, name: str) -> None:
    refuse(
        np.asarray(index.isna()),
        None,
        name,
        found="no time (NaT)",
        expected="a time in every row",
        mend="Drop these rows, or give them their times",
    )


def _iso(texts: pd.Series[str], name: str) -> pd.DatetimeIndex:
    import pandas as pd

    matches = texts.str.fullmatch(_ISO).to_numpy(dtype=bool)
    refuse(
        ~matches,
        None,
        name,
        found=repr(str(texts.iloc[int(np.argmax(~matches))])),
        expected="ISO 8601: YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SS with Z or an offset",
        mend="Convert other orders of day and month, naming them: pd.to_datetime(…, format=…)",
    )
    zoned = texts.str.contains(r"(?:Z|:.*[+-]\d{2}:?\d{2})$").to_numpy(dtype=bool)
    mixed = zoned != zoned[0]
    refuse(
        mixed,
        None,
        name,
        found=f"a time {'without' if zoned[0] else 'with'} an offset, unlike row 0",
        expected="an offset in every row or in none",
        mend="Write all times alike",
    )
    index = pd.DatetimeIndex(pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce"))
    broken = np.asarray(index.isna())
    refuse(
        broken,
        None,
        name,
        found=repr(str(texts.iloc[int(np.argmax(broken))])),
        expected="a day and a time that exist",
        mend="Correct these rows",
    )
    return index if zoned[0] else index.tz_localize(None)


def _wall_clock(times: pd.DatetimeIndex) -> tuple[IntArray, bool]:
    """Return microseconds, UTC where times carry a zone and as written where not."""
    aware = times.tz is not None
    plain = times.tz_convert("UTC").tz_localize(None) if aware else times
    rounded = plain.as_unit("us")
    refuse(
        np.asarray(rounded != plain),
        None,
        "ts",
        found="a time with nanoseconds",
        expected="whole microseconds",
        mend="Round the times: df.index = df.index.floor('us')",
    )
    return rounded.to_numpy().astype("datetime64[us]").astype(np.int64), aware


def _check_bare_dates(ts: IntArray, timeframe: Timeframe) -> None:
    if timeframe.is_intraday or bool(np.any(ts % DAY_US)):
        raise BarsError(
            f"row 0 ({stamp(ts[0]).removesuffix('Z')}), column ts: found a time without a zone; "
            "expected one that says when it was (only bare dates of bars of a day or longer mean "
            "midnight UTC). Pass tz=, such as tz='UTC' or tz='America/New_York'"
        )


def _utc(wall: IntArray, *, aware: bool, tz: str | None) -> IntArray:
    import pandas as pd

    if tz is None:
        return wall
    if aware:
        raise BarsError(f"tz: found {tz!r} for times that carry a zone. Leave tz= out")
    try:
        local = pd.DatetimeIndex(wall.view("datetime64[us]")).tz_localize(
            tz, ambiguous="NaT", nonexistent="NaT"
        )
    except (KeyError, ValueError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise BarsError(
            f"tz: found {tz!r}; expected an IANA zone, such as 'UTC' or 'America/New_York'"
        ) from error
    missing = np.asarray(local.isna())
    refuse(
        missing,
        wall,
        "ts",
        found=f"a local time that {tz} skips or repeats when clocks change (shown as if UTC)",
        expected="a time that happens once",
        mend="Convert the times to UTC at the source",
    )
    return local.tz_convert("UTC").tz_localize(None).to_numpy().astype(np.int64)


def _numbers(series: pd.Series[float], name: str, ts: IntArray) -> FloatArray:
    import pandas as pd

    if pd.api.types.is_complex_dtype(series.dtype) or pd.api.types.is_datetime64_any_dtype(
        series.dtype
    ):
        raise BarsError(
            f"column {name}: found {series.dtype}; expected numbers. "
            f"Drop it: df.drop(columns={series.name!r})"
        )
    if pd.api.types.is_numeric_dtype(series.dtype):
        return np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    parsed = pd.to_numeric(series, errors="coerce")
    broken = np.asarray(parsed.isna() & series.notna())
    row = int(np.argmax(broken))
    refuse(
        broken,
        ts,
        name,
        found=repr(series.iloc[row]),
        expected="a number",
        mend=f"Mend the value, or leave the column out: df.drop(columns={series.name!r})",
    )
    raise BarsError(
        f"column {name}: found numbers held as {series.dtype}; expected a numeric type. "
        f"Convert it: df[{series.name!r}] = pd.to_numeric(df[{series.name!r}])"
    )
