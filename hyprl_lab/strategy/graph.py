"""A strategy's expressions as one flat list of nodes, equal ones standing once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.operations import OPERATIONS, SESSION
from hyprl_lab.strategy.parameter import json_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hyprl_lab.strategy.expression import Expr
    from hyprl_lab.strategy.operations import Domain
    from hyprl_lab.strategy.parameter import Parameter
    from hyprl_lab.strategy.weights import LogisticWeights
    from hyprl_lab.types import JsonValue

__all__ = [
    "MAX_NODES",
    "MAX_TIMEFRAMES",
    "Graph",
    "Node",
    "ScalarUse",
    "flatten",
    "node_json",
    "reachable",
]

MAX_NODES: Final = 10_000
MAX_TIMEFRAMES: Final = 16
"""Each longer timeframe is another series of bars to build."""


class Node(NamedTuple):
    """One operation; its arguments are indices of earlier nodes."""

    op: str
    args: tuple[int, ...] = ()
    name: str | None = None
    value: float | None = None
    bars: int | None = None
    timeframe: str | None = None
    model: LogisticWeights | None = None


class ScalarUse(NamedTuple):
    """A parameter in a `scalar` slot, and what it may be there."""

    where: str
    name: str
    domain: Domain

    def check(self, value: float) -> None:
        """Refuse a value outside the domain.

        Raises
        ------
        StrategyError
            Naming the node, the argument and the parameter.
        """
        if not self.domain.holds(value):
            raise StrategyError(
                f"{self.where}: parameter {self.name!r} is {value:.15g}; expected a number "
                f"{self.domain.text}"
            )


class Graph(NamedTuple):
    """Nodes in topological order, and what is read off them.

    Parameters
    ----------
    nodes
        Each argument's index is smaller than its user's; no two nodes are equal.
    roots
        The node behind each named output or level; absent ones are left out.
    parameters
        The declarations, sorted by name.
    windows
        The names of the parameters that count bars: as windows, or as the time stop.
    longer
        The timeframes that `on` asks for, sorted.
    clock
        The session nodes that are used, sorted.
    scalars
        The parameters in `scalar` slots.
    """

    nodes: tuple[Node, ...]
    roots: Mapping[str, int]
    parameters: Mapping[str, Parameter]
    windows: frozenset[str]
    longer: tuple[str, ...] = ()
    clock: tuple[str, ...] = ()
    scalars: tuple[ScalarUse, ...] = ()


def flatten(roots: Mapping[str, Expr], *, counts: Mapping[str, str] | None = None) -> Graph:
    """Return the graph under some named expressions.

    The order is that of a left-to-right depth-first walk, each node after its
    arguments, so one strategy always has one list. The walk keeps its own stack: depth
    is limited by the number of nodes alone.

    Parameters
    ----------
    roots
        The expressions by name.
    counts
        Those of them that are a number of bars, and what it counts (`"time stop"`).

    Raises
    ------
    StrategyError
        There are more than 10,000 nodes or 16 longer timeframes, or one parameter has two
        declarations.
    """
    walk = _Walk()
    indices = {name: walk.index_of(root) for name, root in roots.items()}
    for name, use in (counts or {}).items():
        counted = roots[name].parameter
        if counted is not None:
            walk.windows.setdefault(counted.name, use)
    for name, use in walk.windows.items():
        walk.parameters[name] = walk.parameters[name].as_window(use)
    longer = {node.timeframe for node in walk.nodes if node.timeframe is not None}
    if len(longer) > MAX_TIMEFRAMES:
        raise StrategyError(
            f"the graph asks for {len(longer)} longer timeframes; expected at most {MAX_TIMEFRAMES}"
        )
    return Graph(
        nodes=tuple(walk.nodes),
        roots=indices,
        parameters={name: walk.parameters[name] for name in sorted(walk.parameters)},
        windows=frozenset(walk.windows),
        longer=tuple(sorted(longer)),
        clock=tuple(sorted(SESSION & {node.op for node in walk.nodes})),
        scalars=tuple(_scalar_uses(tuple(walk.nodes))),
    )


def _scalar_uses(nodes: Sequence[Node]) -> Iterator[ScalarUse]:
    for index, node in enumerate(nodes):
        row = OPERATIONS[node.op]
        if row.domain is None:
            continue
        for place in row.places("scalar"):
            name = nodes[node.args[place]].name
            if name is not None:
                where = f"node {index} ({node.op}), argument {place + 1}"
                yield ScalarUse(where, name, row.domain)


class _Walk:
    def __init__(self) -> None:
        self.nodes: dict[Node, int] = {}
        self.parameters: dict[str, Parameter] = {}
        self.windows: dict[str, str] = {}
        self.seen: dict[int, int] = {}

    def index_of(self, root: Expr) -> int:
        pending = [root]
        while pending:
            current = pending[-1]
            if id(current) in self.seen:
                pending.pop()
                continue
            waiting = [a for a in current.args if id(a) not in self.seen]
            if waiting:
                pending.extend(reversed(waiting))
                continue
            pending.pop()
            self.seen[id(current)] = self.intern(current)
        return self.seen[id(root)]

    def intern(self, expr: Expr) -> int:
        if expr.parameter is not None:
            known = self.parameters.get(expr.parameter.name, expr.parameter)
            self.parameters[expr.parameter.name] = known.merged(expr.parameter)
        slots = OPERATIONS[expr.op].slots_for(len(expr.args))
        for argument, slot in zip(expr.args, slots, strict=True):
            if slot == "window" and argument.parameter is not None:
                self.windows[argument.parameter.name] = "window"
        args = tuple(self.seen[id(argument)] for argument in expr.args)
        index = self.nodes.setdefault(
            Node(expr.op, args, expr.name, expr.value, expr.bars, expr.timeframe, expr.model),
            len(self.nodes),
        )
        if index >= MAX_NODES:
            raise StrategyError(
                f"the graph has more than {MAX_NODES} different nodes; split the strategy"
            )
        return index


def reachable(nodes: Sequence[Node], roots: Iterable[int]) -> list[int]:
    """Return the indices under `roots`, each after its arguments, left to right.

    Examples
    --------
    >>> nodes = [Node("column", name="a"), Node("column", name="b"), Node("negate", (1,))]
    >>> reachable(nodes, [2])
    [1, 2]
    """
    order: dict[int, None] = {}
    for root in roots:
        pending = [root]
        while pending:
            current = pending[-1]
            waiting = [a for a in nodes[current].args if a not in order]
            if current in order or not waiting:
                pending.pop()
                order.setdefault(current)
            else:
                pending.extend(reversed(waiting))
    return list(order)


def node_json(node: Node) -> dict[str, JsonValue]:
    """Return the JSON form of one node; whole constants are written as integers.

    Examples
    --------
    >>> node_json(Node("constant", value=10.0))
    {'op': 'constant', 'value': 10}
    """
    out: dict[str, JsonValue] = {"op": node.op}
    if node.name is not None:
        out["name"] = node.name
    if node.value is not None:
        out["value"] = json_number(node.value)
    if node.args:
        out["args"] = list(node.args)
    if node.bars is not None:
        out["bars"] = node.bars
    if node.timeframe is not None:
        out["timeframe"] = node.timeframe
    if node.model is not None:
        out["model"] = node.model.to_json()
    return out
