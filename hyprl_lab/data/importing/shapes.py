"""Shapes of times: where in a text its year, month, day and clock stand.

A shape is the text with each digit written as 0, so that a column of a million times has a handful
of them, and the digits of all rows of one shape are read at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

__all__ = ["Family", "Shape", "family_of", "shape_of"]

Family: TypeAlias = Literal["year_first", "day_month", "epoch"]

_YEAR_FIRST: Final = r"(?P<year>0000)(?P<mark>[-/.])(?P<a>00?)(?P=mark)(?P<b>00?)"
_COMPACT: Final = r"(?P<year>0000)(?P<a>00)(?P<b>00)"
_YEAR_LAST: Final = r"(?P<a>00?)(?P<mark>[-/.])(?P<b>00?)(?P=mark)(?P<year>0000)"
_ZONE: Final = r"(?: ?(?P<zone>Z|z|UTC|GMT|[+-]00:?00|[+-]00))?"
_CLOCK: Final = (
    r"(?:(?:[Tt]| {1,2})(?:"
    r"(?P<hour>00?):(?P<minute>00)(?::(?P<second>00)(?:[.,](?P<fraction>0{1,9}))?)?"
    r"(?P<half> ?[AaPp][Mm])?"
    r"|(?P<hour_>00)(?P<minute_>00)(?P<second_>00)?)" + _ZONE + r")?"
)
_DATES: Final[tuple[tuple[Family, re.Pattern[str]], ...]] = (
    ("year_first", re.compile(_YEAR_FIRST + _CLOCK)),
    ("year_first", re.compile(_COMPACT + _CLOCK)),
    ("day_month", re.compile(_YEAR_LAST + _CLOCK)),
)
_EPOCH: Final = re.compile(r"-?(?P<whole>0{1,20})(?:[.](?P<fraction>0{1,9}))?")
_DIGITS: Final = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the parts of a time stand.

    Parameters
    ----------
    family
        `year_first`, `day_month` (day and month in one of both orders, then the year) or `epoch`.
    parts
        The first place of each part and the one after its last, by name.
    zone
        The sign of the offset, 0 where it is UTC, `None` where there is none.
    afternoon
        Whether the clock is one of twelve hours in its second half; `None` for 24 hours.
    is_iso
        Whether ISO 8601 writes it so: dashes and two digits each, or eight digits.
    """

    family: Family
    parts: dict[str, tuple[int, int]]
    zone: int | None = None
    afternoon: bool | None = None
    is_iso: bool = False


@lru_cache(maxsize=4096)
def shape_of(text: str, *, epoch: bool = False) -> Shape | None:
    """Return the shape of a text whose digits are written as 0, `None` where it is of no time.

    Parameters
    ----------
    text
        Such as `"0000-00-00"`.
    epoch
        Whether digits alone count units since 1970, however many there are; else eight of them
        are a date.

    Examples
    --------
    >>> shape_of("00.00.0000 00:00").parts["hour"]
    (11, 13)
    >>> shape_of("00000000").family, shape_of("00000000", epoch=True).family
    ('year_first', 'epoch')
    >>> shape_of("yesterday")
    """
    if not epoch:
        for family, pattern in _DATES:
            match = pattern.fullmatch(text)
            if match is not None:
                return _dated(family, match)
    match = _EPOCH.fullmatch(text)
    if match is None:
        return None
    return Shape(
        "epoch", {name: match.span(name) for name, part in match.groupdict().items() if part}
    )


def family_of(text: str) -> Family | None:
    """Return how a time is written, `None` where it is none.

    Examples
    --------
    >>> family_of("3/1/2014"), family_of("20140103"), family_of("1388707200"), family_of("x")
    ('day_month', 'year_first', 'epoch', None)
    """
    if len(text) > 40 or not text.isascii():
        return None
    shape = shape_of(_DIGITS.sub("0", text))
    return None if shape is None else shape.family


def _dated(family: Family, match: re.Match[str]) -> Shape:
    parts = {
        name.rstrip("_"): match.span(name)
        for name, part in match.groupdict().items()
        if part and name not in ("mark", "half", "zone")
    }
    groups = match.groupdict()
    zone, half, mark = groups["zone"], groups["half"], groups.get("mark")
    sign: int | None = None
    if zone is not None:
        sign = {"+": 1, "-": -1}.get(zone[0], 0)
        if sign:
            start = match.start("zone") + 1
            parts["zone_hour"] = (start, start + 2)
            if len(zone) > 3:
                parts["zone_minute"] = (match.end("zone") - 2, match.end("zone"))
    two = all(parts[name][1] - parts[name][0] == 2 for name in ("a", "b"))
    return Shape(
        family,
        parts,
        sign,
        None if half is None else half.strip()[0] in "Pp",
        family == "year_first" and mark in ("-", None) and two and half is None,
    )
