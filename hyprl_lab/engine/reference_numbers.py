"""The readable arithmetic: what a bar's number is, from numbers of the same bar.

NaN is a missing value. IEEE 754 throughout; a result that is not finite is missing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "ARITHMETIC",
    "NOTHING",
    "choose",
    "combine",
    "finite_or_missing",
    "is_zero",
    "quotient",
    "smaller_or_larger",
]

NOTHING: Final = 1e-14
"""What is nearer to 0 than this counts as 0, as in TA-Lib (`TA_IS_ZERO`, `ta_utility.h`)."""

ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b if b != 0.0 else math.nan,
}


def combine(
    left: list[float], right: list[float], work: Callable[[float, float], float]
) -> list[float]:
    """Work on two numbers a bar; missing where either is, or where the result is not finite.

    Examples
    --------
    >>> combine([6.0, 1.0, math.nan], [3.0, 0.0, 2.0], ARITHMETIC["divide"])
    [2.0, nan, nan]
    """
    return finite_or_missing([work(a, b) for a, b in zip(left, right, strict=True)])


def finite_or_missing(values: list[float]) -> list[float]:
    """Return the values with NaN for those that are not finite.

    Examples
    --------
    >>> finite_or_missing([1.0, math.inf, math.nan])
    [1.0, nan, nan]
    """
    return [value if math.isfinite(value) else math.nan for value in values]


def is_zero(value: float) -> bool:
    """Say whether a value counts as 0; NaN does not.

    Examples
    --------
    >>> is_zero(-1e-15), is_zero(1e-14), is_zero(math.nan)
    (True, False, False)
    """
    return -NOTHING < value < NOTHING


def quotient(a: float, b: float) -> float:
    """Return a ÷ b of money, prices and sizes, as IEEE 754 has it where b is 0.

    A product of sizes and the smallest of prices is 0 in a float64; Python would raise there.

    Examples
    --------
    >>> quotient(1.0, 4.0), quotient(-1.0, 0.0), quotient(0.0, 0.0)
    (0.25, -inf, nan)
    """
    if b != 0.0:
        return a / b
    if a == 0.0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def smaller_or_larger(left: list[float], right: list[float], *, larger: bool) -> list[float]:
    """Return the smaller or the larger of two numbers a bar; missing where either is.

    Examples
    --------
    >>> smaller_or_larger([1.0, 5.0, math.nan], [2.0, 4.0, 3.0], larger=False)
    [1.0, 4.0, nan]
    """
    pick = max if larger else min
    return [
        math.nan if math.isnan(a) or math.isnan(b) else pick(a, b)
        for a, b in zip(left, right, strict=True)
    ]


def choose(
    condition: list[bool | None], chosen: list[float], otherwise: list[float]
) -> list[float]:
    """Return one number where the condition is true, another where it is false.

    Missing where the condition is missing. The number that is not chosen may be missing.

    Examples
    --------
    >>> choose([True, False, None], [1.0, math.nan, 3.0], [9.0, 8.0, 7.0])
    [1.0, 8.0, nan]
    """
    picked = []
    for holds, a, b in zip(condition, chosen, otherwise, strict=True):
        if holds is None:
            picked.append(math.nan)
        else:
            picked.append(a if holds else b)
    return picked
