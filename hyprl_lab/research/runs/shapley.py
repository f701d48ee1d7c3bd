"""A difference between two things shared out among what differs between them.

Each of k groups is taken from A or from B, and v(S) is what comes out when the groups of S are B's
and the others A's. In one order of exchanging group by group, a group is given what its exchange
changed; its share is the mean over all orders, Shapley's value ("A value for n-person games",
1953). No order is preferred, the shares add up to v(all) - v(none), and A and B exchanged turn each
share's sign.

Some exchanges may be impossible (a strategy reads a column that the other bars lack). The mean is
then over the orders that never pass through an impossible one. The shares add up as before.
"""

from __future__ import annotations

import math
from itertools import permutations
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["adding_up", "shares"]

_BITS: Final = 50
"""Sums of a few numbers below 2^e that are whole multiples of 2^(e-50) are exact in any order."""

_LEAST: Final = -900
"""Of e: amounts below 2^-900 are rounded to nothing."""


def shares(
    groups: Sequence[str], value: Callable[[frozenset[str]], float | None]
) -> dict[str, float] | None:
    """Return each group's share of v(all) - v(none); `None` where no order is possible.

    Parameters
    ----------
    groups
        What differs, by name.
    value
        v, or `None` where a coalition can't be evaluated; asked once for each that is needed.

    Examples
    --------
    >>> worth = {frozenset(): 0.0, frozenset("a"): 1.0, frozenset("b"): 2.0, frozenset("ab"): 7.0}
    >>> shares("ab", worth.get)
    {'a': 3.0, 'b': 4.0}
    """
    known: dict[frozenset[str], float | None] = {}

    def of(coalition: frozenset[str]) -> float | None:
        if coalition not in known:
            known[coalition] = value(coalition)
        return known[coalition]

    gained: dict[str, list[float]] = {group: [] for group in groups}
    orders = 0
    for order in permutations(groups):
        steps = [of(frozenset(order[:length])) for length in range(len(order) + 1)]
        worths = [step for step in steps if step is not None]
        if len(worths) < len(steps):
            continue
        orders += 1
        for place, group in enumerate(order):
            gained[group].append(worths[place + 1] - worths[place])
    # fsum rounds once, whatever the order of what it adds: A and B exchanged only turn the sign
    return {group: math.fsum(found) / orders for group, found in gained.items()} if orders else None


def adding_up(
    total: float, parts: Mapping[str, float], *, scale: float
) -> tuple[float, dict[str, float]]:
    """Return a total and parts that add up to it exactly, in whatever order they are added.

    All are rounded to a power of two, 2^-50 of the scale or a little more, and what rounding left
    over is put on the largest part.

    Parameters
    ----------
    total, parts
        Money that adds up but for rounding.
    scale
        The largest amount in play; the parts lie within it.

    Examples
    --------
    >>> total, parts = adding_up(0.3, {"a": 0.1, "b": 0.1, "c": 0.1}, scale=1.0)
    >>> total == parts["a"] + parts["b"] + parts["c"] == parts["c"] + parts["b"] + parts["a"]
    True
    >>> abs(total - 0.3) < 1e-14
    True
    """
    largest = max([scale, abs(total), *map(abs, parts.values())])
    unit = math.ldexp(1.0, max(math.frexp(largest)[1], _LEAST) - _BITS)
    rounded = {name: round(part / unit) * unit for name, part in parts.items()}
    whole = round(total / unit) * unit
    if rounded:
        name = max(rounded, key=lambda name: abs(rounded[name]))
        rounded[name] += whole - sum(rounded.values())
    return whole, rounded
