"""What can be done about rows that are not bars, and only when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REPAIRS", "check_repair", "mend"]

REPAIRS: Final[dict[str, tuple[str, ...]]] = {
    "merge_conflict": ("drop",),
    "unreadable_row": ("drop",),
    "unreadable_time": ("drop",),
    "unreadable_value": ("drop",),
    "infinite_value": ("drop",),
    "missing_value": ("drop",),
    "not_positive": ("drop",),
    "negative_volume": ("drop",),
    "ohlc_violation": ("widen", "drop"),
    "unsorted": ("sort",),
    "duplicate_time": ("first", "last", "drop"),
}
"""Each kind of row that is no bar, and the ways to repair it."""

_BY_HAND: Final = {
    "merge_conflict": "Resolve the merge in the file",
    "unreadable_time": "State how times are written with dates= and tz=, mend these cells",
    "unreadable_value": "Mend these cells, leave the column out with columns={'its_name': None}",
    "unsorted": "Sort the file by time, after finding out why it is not",
}


def check_repair(repair: Mapping[str, str] | None) -> dict[str, str]:
    """Return what to repair and how, or refuse a kind or a way that isn't known.

    Raises
    ------
    BarsError
        Listing the kinds, or the ways of the kind.

    Examples
    --------
    >>> check_repair({"duplicate_time": "last"})
    {'duplicate_time': 'last'}
    """
    if repair is None:
        return {}
    try:
        given = dict(repair)
    except (TypeError, ValueError) as error:
        raise BarsError(
            f"repair: found {repair!r}; expected a kind and a way, such as "
            "{'duplicate_time': 'first'}"
        ) from error
    for kind, way in given.items():
        if kind not in REPAIRS:
            raise BarsError(f"repair: found {kind!r}; expected one of {list(REPAIRS)}")
        if way not in REPAIRS[kind]:
            raise BarsError(f"repair: found {kind!r}: {way!r}; expected one of {REPAIRS[kind]}")
    return given


def mend(kind: str) -> str:
    """Return how to mend a kind of finding, in words.

    Examples
    --------
    >>> mend("missing_value")
    "Get these rows again from the source, or repair={'missing_value': 'drop'}"
    """
    ways = " or ".join(repr(way) for way in REPAIRS[kind])
    by_hand = _BY_HAND.get(kind, "Get these rows again from the source")
    return f"{by_hand}, or repair={{{kind!r}: {ways}}}"
