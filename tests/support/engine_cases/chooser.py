"""Draws that are cheap, shrink to the first option, and read like sentences."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


@cache
def _below(bound: int) -> st.SearchStrategy[int]:
    return st.integers(0, bound - 1)


class Chooser:
    """Choices drawn from Hypothesis, one small integer each."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def of(self, options: Sequence[T]) -> T:
        """One of the options; the first is the simplest."""
        return options[self._draw(_below(len(options)))]

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred cases; false is simpler."""
        return self._draw(_below(100)) >= 100 - percent

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + self._draw(_below(high - low + 1))

    def seed(self) -> int:
        """A seed for NumPy."""
        return self._draw(_below(2**31))
