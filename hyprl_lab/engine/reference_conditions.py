"""The readable conditions: Kleene's three-valued logic, one bar at a time.

`True`, `False`, or `None` where it is missing. Kleene (1952), "Introduction to Metamathematics",
section 64: what is missing may turn out either way, so `False and None` is false, and
`True and None` is missing.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "COMPARISONS",
    "bars_since",
    "both",
    "compare",
    "crosses",
    "either",
    "held_for",
    "opposite",
]

COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}


def compare(
    left: list[float], right: list[float], holds: Callable[[float, float], bool]
) -> list[bool | None]:
    """Compare bar by bar; missing where either number is.

    Examples
    --------
    >>> compare([1.0, 3.0, math.nan], [2.0, 2.0, 2.0], COMPARISONS["less"])
    [True, False, None]
    """
    return [
        None if math.isnan(a) or math.isnan(b) else holds(a, b)
        for a, b in zip(left, right, strict=True)
    ]


def both(left: list[bool | None], right: list[bool | None]) -> list[bool | None]:
    """Return Kleene's and.

    Examples
    --------
    >>> both([True, True, False], [True, None, None])
    [True, None, False]
    """
    result: list[bool | None] = []
    for a, b in zip(left, right, strict=True):
        if a is False or b is False:
            result.append(False)
        elif a is None or b is None:
            result.append(None)
        else:
            result.append(True)
    return result


def either(left: list[bool | None], right: list[bool | None]) -> list[bool | None]:
    """Return Kleene's or.

    Examples
    --------
    >>> either([False, False, True], [False, None, None])
    [False, None, True]
    """
    result: list[bool | None] = []
    for a, b in zip(left, right, strict=True):
        if a is True or b is True:
            result.append(True)
        elif a is None or b is None:
            result.append(None)
        else:
            result.append(False)
    return result


def opposite(values: list[bool | None]) -> list[bool | None]:
    """Return Kleene's not.

    Examples
    --------
    >>> opposite([True, False, None])
    [False, True, None]
    """
    return [None if value is None else not value for value in values]


def crosses(left: list[float], right: list[float], *, above: bool) -> list[bool | None]:
    """Say where the left series crosses the right one; missing unless four values are valid.

    Examples
    --------
    >>> crosses([1.0, 2.0, 3.0], [2.0, 2.0, 2.0], above=True)
    [None, False, True]
    """
    crossed: list[bool | None] = []
    a0 = b0 = math.nan
    for a1, b1 in zip(left, right, strict=True):
        if any(math.isnan(value) for value in (a0, b0, a1, b1)):
            crossed.append(None)
        elif above:
            crossed.append(a0 <= b0 and a1 > b1)
        else:
            crossed.append(a0 >= b0 and a1 < b1)
        a0, b0 = a1, b1
    return crossed


def bars_since(values: list[bool | None]) -> list[float]:
    """Count the bars since the condition was last true; NaN before the first time.

    A missing condition is not true.

    Examples
    --------
    >>> bars_since([None, True, False, None, True])
    [nan, 0.0, 1.0, 2.0, 0.0]
    """
    counts = []
    count = math.nan
    for value in values:
        count = 0.0 if value is True else count + 1.0
        counts.append(count)
    return counts


def held_for(values: list[bool | None], window: int) -> list[bool | None]:
    """Say whether the condition was true on each of the last `window` bars.

    False if it was false on any, else missing if it was missing on any; bars before the first are
    missing.

    Examples
    --------
    >>> held_for([True, True, False, None, True], 2)
    [None, True, False, False, None]
    """
    held: list[bool | None] = []
    last_false = last_missing = -1  # the bar before the first: missing, and never false
    for t, value in enumerate(values):
        if value is False:
            last_false = t
        elif value is None:
            last_missing = t
        oldest = t - window + 1
        if last_false >= max(oldest, 0):
            held.append(False)
        elif last_missing >= oldest:
            held.append(None)
        else:
            held.append(True)
    return held
