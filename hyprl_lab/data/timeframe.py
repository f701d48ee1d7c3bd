"""Timeframes: their one spelling, their length, and whether a series of stamps agrees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.types import IntArray

__all__ = ["Timeframe", "check_spacing", "infer_timeframe", "stamp"]

MINUTE_US: Final = 60_000_000
DAY_US: Final = 86_400_000_000
EPOCH_WEEKDAY: Final = 3
"""1 January 1970 was a Thursday, Monday being 0: so many days after Monday, 29 December 1969."""
_MINUTES: Final = {"m": 1, "h": 60, "d": 1_440, "w": 10_080, "mo": 43_200}
_SHORTEST_MONTH_DAYS: Final = 28
_EXPECTED: Final = "one of Nm (minutes), Nh, Nd, Nw, Nmo, such as '1m', '15m', '1h', '1d', '1w'"
_GAPS_TO_JUDGE: Final = 10
"""Fewer gaps than this say nothing about bars that are too far apart."""


@dataclass(frozen=True, slots=True)
class Timeframe:
    """The length of a bar.

    Parameters
    ----------
    count
        How many units, at least 1.
    unit
        `"m"` minutes, `"h"` hours, `"d"` days, `"w"` weeks, `"mo"` months.

    Examples
    --------
    >>> Timeframe.parse("15m").is_intraday, Timeframe.parse("1d").is_intraday
    (True, False)
    >>> str(Timeframe.parse("60m"))
    '1h'
    """

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> Timeframe:
        """Read a timeframe, and spell it in the largest clock unit that holds it.

        `"60m"` is `"1h"` and `"24h"` is `"1d"`, so that one series has one name. Days, weeks and
        months stay as given: seven trading days are not a week.

        Raises
        ------
        BarsError
            The text is no timeframe, or minutes or hours pass a day without filling it.
        """
        match = isinstance(text, str) and re.fullmatch(r"([1-9][0-9]{0,4})(mo|m|h|d|w)", text)
        if not match:
            raise BarsError(f"timeframe: found {text!r}; expected {_EXPECTED}")
        count, unit = int(match[1]), match[2]
        if unit not in ("m", "h"):
            return cls(count, unit)
        minutes = count * _MINUTES[unit]
        if minutes % _MINUTES["d"] == 0:
            return cls(minutes // _MINUTES["d"], "d")
        if minutes > _MINUTES["d"]:
            raise BarsError(
                f"timeframe: found {text!r}, longer than a day but not whole days; "
                "expected less than a day, or name whole days, such as '2d'"
            )
        return cls(minutes // 60, "h") if minutes % 60 == 0 else cls(minutes, "m")

    @property
    def is_intraday(self) -> bool:
        """Whether a bar is shorter than a day."""
        return self.unit in ("m", "h")

    @property
    def shortest_us(self) -> int:
        """The shortest such bar in microseconds: a month counts as 28 days."""
        if self.unit == "mo":
            return self.count * _SHORTEST_MONTH_DAYS * DAY_US
        return self.count * _MINUTES[self.unit] * MINUTE_US

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


def check_spacing(ts: IntArray, timeframe: Timeframe) -> None:
    """Refuse a timeframe that the stamps contradict.

    The median gap may not be shorter than a bar (a single short gap may: clocks change, and some
    venues open with a half bar). With ten gaps or more, at least one must be shorter than two
    bars, or no two bars are neighbours and the bars are longer than stated.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.
    timeframe
        What the bars are said to be.

    Raises
    ------
    BarsError
        Naming the first row that contradicts.
    """
    gaps = np.diff(ts)
    if gaps.size == 0:
        return
    median, shortest = float(np.median(gaps)), timeframe.shortest_us
    if median < shortest:
        row, found = int(np.flatnonzero(gaps < shortest)[0]) + 1, "closer together"
        count = int(np.count_nonzero(gaps < shortest))
    elif gaps.size >= _GAPS_TO_JUDGE and int(gaps.min()) >= 2 * shortest:
        row, found, count = 1, "further apart", int(gaps.size)
    else:
        return
    raise BarsError(
        f"row {row} ({stamp(ts[row])}), column ts: found bars {found} than the timeframe "
        f"{str(timeframe)!r}, with a median gap of {_duration(median)}; expected gaps of one bar "
        f"or more, most of them one bar; {count} rows are so. Pass the bars' true timeframe"
    )


def infer_timeframe(ts: IntArray) -> Timeframe:
    """Return the timeframe that most gaps prove.

    Parameters
    ----------
    ts
        Increasing microseconds since the epoch, UTC.

    Raises
    ------
    BarsError
        Fewer than four bars, no gap that at least half of the bars share, or a gap that no
        timeframe has.

    Examples
    --------
    >>> str(infer_timeframe(np.array([0, 1, 2, 5]) * 3_600_000_000))
    '1h'
    """
    gaps = np.diff(ts)
    if gaps.size < 3:
        raise BarsError(
            f"timeframe: found {ts.size} bars, too few to tell the timeframe from; "
            "expected four or more. Pass timeframe="
        )
    shortest, longest = int(gaps.min()), int(gaps.max())
    if 25 * DAY_US <= shortest < longest <= 35 * DAY_US:
        return Timeframe(1, "mo")
    lengths, counts = np.unique(gaps, return_counts=True)
    best = int(np.argmax(counts))
    length, share = int(lengths[best]), float(counts[best] / gaps.size)
    if share < 0.5 or length % MINUTE_US != 0:
        raise BarsError(
            f"timeframe: the most frequent gap is {_duration(length)}, in {share:.0%} of rows; "
            "expected whole minutes, hours, days or weeks in half the rows or more. "
            f"{_months(shortest, longest) or 'Pass timeframe='}"
        )
    months = _months(shortest, longest)
    if months is not None:
        raise BarsError(
            f"timeframe: the most frequent gap is {_duration(length)}, the gaps are "
            f"{_duration(shortest)} to {_duration(longest)}; expected one that says whether "
            f"months or days are meant. {months}"
        )
    if length % (7 * DAY_US) == 0:
        return Timeframe(length // (7 * DAY_US), "w")
    if length % DAY_US == 0:
        return Timeframe(length // DAY_US, "d")
    return Timeframe.parse(f"{length // MINUTE_US}m")


def stamp(ts: int | np.int64) -> str:
    """Return microseconds since the epoch as ISO 8601 text in UTC.

    Examples
    --------
    >>> stamp(0)
    '1970-01-01T00:00:00Z'
    """
    text = str(np.datetime_as_string(np.int64(ts).astype("datetime64[us]"), unit="us"))
    return text.removesuffix(".000000") + "Z"


def _months(shortest: int, longest: int) -> str | None:
    """Return what to pass where all gaps are about some months, two or more of them."""
    count = round(shortest / (30.44 * DAY_US))
    span = (count * 28 * DAY_US, count * 31 * DAY_US)
    if count < 2 or not span[0] <= shortest < longest <= span[1]:
        return None
    return f"They are {count} months: pass timeframe='{count}mo'"


def _duration(microseconds: float) -> str:
    if microseconds >= DAY_US:
        return f"{microseconds / DAY_US:g} days"
    if microseconds >= 60 * MINUTE_US:
        return f"{microseconds / (60 * MINUTE_US):g} hours"
    return f"{microseconds / MINUTE_US:g} minutes"
