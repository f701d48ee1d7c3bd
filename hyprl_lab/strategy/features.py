"""Named expressions over bars that trade nothing: features, as one graph without an entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.binding import bound_values
from hyprl_lab.strategy.document import OUTPUTS, VERSION
from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.graph import Graph, flatten, node_json
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from hyprl_lab.types import JsonValue

__all__ = ["Features"]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED: Final = "ts"


@dataclass(frozen=True, eq=False)
class Features:
    """Expressions by name, in the order given, with the graph they share.

    Parameters
    ----------
    expressions
        Number or boolean expressions, at least one; names in snake case, none of them `ts`.

    Raises
    ------
    StrategyError
        There is none, a name is of another form, or what it names is no expression.

    Examples
    --------
    >>> from hyprl_lab.strategy import close, ta
    >>> features = Features({"rsi": ta.rsi(close, 14), "up": close > ta.sma(close, 50)})
    >>> list(features.kinds.items())
    [('rsi', 'number'), ('up', 'boolean')]
    """

    expressions: Mapping[str, Expr]

    def __post_init__(self) -> None:
        if not isinstance(self.expressions, Mapping) or not self.expressions:
            raise StrategyError(
                f"features are {shown(self.expressions)}; expected a mapping of names to "
                'expressions, such as {"rsi": hl.ta.rsi(hl.close, 14)}'
            )
        checked = {_name(name): _checked(name, found) for name, found in self.expressions.items()}
        object.__setattr__(self, "expressions", MappingProxyType(checked))
        self.graph  # noqa: B018  # build it now, so that what is wrong with it is said here

    @cached_property
    def graph(self) -> Graph:
        """The expressions as one flat list of nodes; the roots are the features."""
        return flatten(self.expressions)

    @property
    def kinds(self) -> Mapping[str, str]:
        """`"number"` or `"boolean"` by name."""
        return {name: found.kind for name, found in self.expressions.items()}

    @property
    def nodes(self) -> list[int]:
        """The index of each feature's node, in the order given."""
        return [self.graph.roots[name] for name in self.expressions]

    def bind(self, params: Mapping[str, object] | None = None) -> dict[str, float]:
        """Check values for the parameters and return them as floats, sorted by name.

        Raises
        ------
        StrategyError
            One is missing, unknown, or out of its range.

        Examples
        --------
        >>> from hyprl_lab.strategy import close, param, ta
        >>> Features({"mean": ta.sma(close, param("n", 2, 50))}).bind({"n": 9})
        {'n': 9.0}
        """
        return bound_values(self.graph, params, "the features")

    def to_json(self) -> dict[str, JsonValue]:
        """Return the graph in the form of `docs/strategy-graph.md`, its outputs empty."""
        parameters: dict[str, JsonValue] = {
            p.name: {"low": p.low, "high": p.high, "integer": p.integer}
            for p in self.graph.parameters.values()
        }
        return {
            "version": VERSION,
            "name": "features",
            "parameters": parameters,
            "nodes": [node_json(node) for node in self.graph.nodes],
            "outputs": dict.fromkeys(OUTPUTS),
            "stop_loss": None,
            "take_profit": None,
        }


def _name(name: object) -> str:
    if not isinstance(name, str) or _NAME.fullmatch(name) is None or name == _RESERVED:
        raise StrategyError(
            f"feature {shown(name)}: expected a name in snake case other than {_RESERVED!r}, such "
            "as 'rsi_14'"
        )
    return name


def _checked(name: str, found: object) -> Expr:
    try:
        return expression(found)
    except StrategyError as error:
        raise StrategyError(f"feature {name!r}: {error}") from error
