"""Successive halving over data: most trials are judged on the first part of the bars alone.

Source: Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter
Optimization" (AISTATS 2016); here the resource is the number of bars, and each shard is a bracket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import ConfigError, SpaceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hyprl_lab.types import FloatArray, IntArray, JsonValue

__all__ = ["Halving"]

_LEAST_PERIODS: Final = 20
"""Headline periods of the shortest prefix: fewer say nothing about a strategy."""

_MOST: Final = (100, 10)
"""Of factor and rungs."""


@dataclass(frozen=True, slots=True)
class Halving:
    """Run every trial on a prefix of the bars, and only the best on longer ones.

    With n headline periods the rungs are the first n/factor^rungs of them, then n/factor^(rungs-1),
    …, at last all. Of each shard's trials the best 1/factor by the (first) objective, whatever the
    constraints, go on to the next rung; equal ones in the order of the space. A trial whose
    objective is undefined on a prefix, one that fails there too, goes on only where fewer than
    1/factor are defined. The others are recorded as `pruned`, with the metrics, behaviour hash and
    blocks of the longest prefix they ran on; they count as trials, and are never ranked.

    Parameters
    ----------
    factor
        From 2 to 100.
    rungs
        Prefixes before the whole, from 1 to 10.

    Raises
    ------
    ConfigError
        One is no whole number in its range.

    Examples
    --------
    >>> Halving(factor=3, rungs=2).prefixes(np.arange(900))
    [100, 300]
    """

    factor: int = 3
    rungs: int = 2

    def __post_init__(self) -> None:
        for name, least, most in (("factor", 2, _MOST[0]), ("rungs", 1, _MOST[1])):
            found = getattr(self, name)
            if isinstance(found, bool) or not isinstance(found, int) or not least <= found <= most:
                raise ConfigError(
                    f"Halving {name} is {found!r}; expected a whole number from {least} to {most}"
                )

    def to_json(self) -> dict[str, JsonValue]:
        """Return its parameters."""
        return {"factor": self.factor, "rungs": self.rungs}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Halving:
        """Read back what `to_json` gave."""
        return cls(**data)

    def prefixes(self, headline: IntArray) -> list[int]:
        """Return the number of bars of each prefix, shortest first.

        Parameters
        ----------
        headline
            The bars at which headline periods end, ascending.

        Raises
        ------
        SpaceError
            The shortest prefix would have fewer than 20 headline periods.
        """
        n = len(headline)
        periods = [n // self.factor**rung for rung in range(self.rungs, 0, -1)]
        if periods[0] < _LEAST_PERIODS:
            raise SpaceError(
                f"halving cuts {n:,} headline periods down to {periods[0]}, expected at least "
                f"{_LEAST_PERIODS}; use fewer rungs, a smaller factor or more bars"
            )
        return [int(headline[count - 1]) + 1 for count in periods]

    def going_on(self, scores: FloatArray) -> IntArray:
        """Return which trials go on to the next rung, in ascending order.

        Parameters
        ----------
        scores
            The objective on the prefix; NaN where undefined.

        Examples
        --------
        >>> Halving(factor=2, rungs=1).going_on(np.array([1.0, np.nan, 3.0, 2.0])).tolist()
        [2, 3]
        """
        count = -(-len(scores) // self.factor)
        order = np.argsort(-scores, kind="stable")  # NaN comes last
        return np.sort(order[:count]).astype(np.int64)
