"""What is known of a strategy that ships: its graph, its idea, and when it loses."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.strategy.strategy import Strategy

__all__ = ["BuiltIn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIn:
    """A strategy that ships, with what a reader has to know before using it.

    Parameters
    ----------
    name
        Under which it is asked for; that of its graph too.
    title
        A few words.
    idea
        Why it might work, in a sentence.
    rules
        When it enters and leaves.
    weakness
        When it loses.
    source
        Who described it, and when.
    build
        Makes the graph.
    params
        A usual value for each parameter; a place to start from, never a recommendation.
    intraday
        Whether it needs bars shorter than a day.

    Raises
    ------
    StrategyError
        A text is empty.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import row
    >>> row("dual_sma").title
    'Two moving averages, long or flat'
    """

    name: str
    title: str
    idea: str
    rules: str
    weakness: str
    source: str
    build: Callable[[], Strategy]
    params: Mapping[str, float]
    intraday: bool = False

    def __post_init__(self) -> None:
        for part in ("name", "title", "idea", "rules", "weakness", "source"):
            text = getattr(self, part)
            if not isinstance(text, str) or not text.strip():
                raise StrategyError(f"built-in strategy: {part} is {shown(text)}; expected words")
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))
