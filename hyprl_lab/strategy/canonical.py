"""One spelling for each meaning: the form that is hashed.

A closed list of rewrites is applied, each of which leaves every bar's value equal to the
bit; nothing is re-associated.

- Arguments of `add multiply and or equal not_equal minimum maximum` are sorted by digest, and so
  are the two series of `correl`.
- `greater(a, b)` is `less(b, a)`; `greater_equal(a, b)` is `less_equal(b, a)`.
- `crosses_below(a, b)` is `crosses_above(b, a)`.
- `shift(shift(a, m), n)` is `shift(a, m + n)` where a shift may be that long; `shift(a, 0)` is
  `a`. `lag(a, n)` by a constant is `shift(a, n)`.
- Two constant windows of `macd` stand in increasing order.
- Arithmetic on constants (`minimum maximum absolute` are some) is done, where the result is
  finite.
- Unused nodes are dropped; the display name and the ranges of parameters are left out.

A node's digest is the SHA-256 of the JSON list [op, name, value in C99 hexadecimal, bars,
digests of the arguments …, timeframe or model where it has one], so it depends on content alone,
and equal sub-graphs are hashed once however often they are shared. Work is linear in the number
of nodes.
"""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING

from hyprl_lab.strategy.graph import Graph, Node, node_json, reachable
from hyprl_lab.strategy.operations import ARITHMETIC, COMMUTATIVE
from hyprl_lab.strategy.parameter import MAX_BARS

if TYPE_CHECKING:
    from hyprl_lab.types import JsonValue

__all__ = ["canonical_nodes"]

_FLIPPED = {"greater": "less", "greater_equal": "less_equal", "crosses_below": "crosses_above"}


def canonical_nodes(graph: Graph) -> tuple[list[JsonValue], dict[str, int]]:
    """Return a graph's canonical nodes, as JSON, and the node behind each root.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> from hyprl_lab.strategy.graph import flatten
    >>> one, two = flatten({"x": close > 5}), flatten({"x": (10 - 5) < close.shift(0)})
    >>> canonical_nodes(one) == canonical_nodes(two)
    True
    """
    table = _Table()
    moved: list[int] = []
    for node in graph.nodes:
        moved.append(table.add(node._replace(args=tuple(moved[a] for a in node.args))))
    roots = {name: moved[index] for name, index in graph.roots.items()}
    kept = reachable(table.nodes, roots.values())
    place = {old: new for new, old in enumerate(kept)}
    nodes: list[JsonValue] = []
    for old in kept:
        node = table.nodes[old]
        nodes.append(node_json(node._replace(args=tuple(place[a] for a in node.args))))
    return nodes, {name: place[index] for name, index in roots.items()}


class _Table:
    """Rewritten nodes, equal ones once, each with its digest."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._digests: list[str] = []
        self._places: dict[Node, int] = {}

    def add(self, node: Node) -> int:
        """Rewrite a node whose arguments are in the table already; return its place."""
        if node.op == "lag" and (bars_back := self.nodes[node.args[1]].value) is not None:
            node = Node("shift", node.args[:1], bars=int(bars_back))
        if node.op == "shift":
            inner = self.nodes[node.args[0]]
            bars = node.bars or 0
            if bars == 0:
                return node.args[0]
            total = bars + (inner.bars or 0)
            if inner.op == "shift" and total <= MAX_BARS:
                node = Node("shift", inner.args, bars=total)
        elif node.op in _FLIPPED:
            node = Node(_FLIPPED[node.op], node.args[::-1])
        elif node.op in ARITHMETIC:
            node = self._folded(node)
        elif node.op == "macd":
            node = self._shorter_first(node)
        if node.op in COMMUTATIVE:
            node = node._replace(args=self._sorted(node.args))
        elif node.op == "correl":
            node = node._replace(args=(*self._sorted(node.args[:2]), node.args[2]))
        if node not in self._places:
            self._places[node] = len(self.nodes)
            self.nodes.append(node)
            self._digests.append(self._digest(node))
        return self._places[node]

    def _sorted(self, places: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(places, key=lambda place: self._digests[place]))

    def _shorter_first(self, node: Node) -> Node:
        series, *windows = node.args
        fast, slow = (self.nodes[place].value for place in windows)
        if fast is None or slow is None or fast <= slow:
            return node
        return node._replace(args=(series, *reversed(windows)))

    def _folded(self, node: Node) -> Node:
        values = [self.nodes[place].value for place in node.args]
        known = [value for value in values if value is not None]
        if len(known) != len(values):
            return node
        result = _evaluate(node.op, known)
        return Node("constant", value=result + 0.0) if math.isfinite(result) else node

    def _digest(self, node: Node) -> str:
        content = [
            node.op,
            node.name,
            None if node.value is None else node.value.hex(),
            node.bars,
            *(self._digests[place] for place in node.args),
            *([] if node.timeframe is None else [node.timeframe]),
            *([] if node.model is None else [node.model.to_json()]),
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode("ascii")).hexdigest()


def _evaluate(op: str, values: list[float]) -> float:
    """IEEE 754 arithmetic; a division by zero is not finite, as everywhere in the graph."""
    if op == "negate":
        return -values[0]
    if op == "absolute":
        return abs(values[0])
    left, right = values
    if op == "add":
        return left + right
    if op == "subtract":
        return left - right
    if op == "multiply":
        return left * right
    if op in {"minimum", "maximum"}:
        return min(left, right) if op == "minimum" else max(left, right)
    return left / right if right != 0 else math.nan
