"""A strategy's graph in words: every node with its lag and its warm-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hyprl_lab.strategy.causality import lags, warm_ups
from hyprl_lab.strategy.operations import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hyprl_lab.strategy.graph import Graph, Node

__all__ = ["Row", "explain", "rows"]


class Row(NamedTuple):
    """What is said of one node.

    Parameters
    ----------
    number
        Its number in the JSON form.
    formula
        The operation, arguments written as `#index`.
    lag
        In bars; `"-"` where it reads no bar.
    warm_up
        In bars; a range where parameters are not given.
    used_by
        The numbers of the nodes that use it.
    """

    number: int
    formula: str
    lag: str
    warm_up: str
    used_by: tuple[int, ...]


def rows(graph: Graph, params: Mapping[str, float] | None) -> list[Row]:
    """Return one row a node; `params` are bound already, or `None` for the whole range."""
    used: list[list[int]] = [[] for _ in graph.nodes]
    for index, node in enumerate(graph.nodes):
        for argument in dict.fromkeys(node.args):
            used[argument].append(index)
    low, high = _warm_up_range(graph, params)
    return [
        Row(
            index,
            _formula(node),
            "-" if lag is None else str(lag),
            span(low[index], None if high is None else high[index]),
            tuple(used[index]),
        )
        for index, (node, lag) in enumerate(zip(graph.nodes, lags(graph.nodes), strict=True))
    ]


def explain(name: str, strategy_hash: str, graph: Graph, params: Mapping[str, float] | None) -> str:
    """Return the numbered graph as text; see `Strategy.explain`."""
    body = rows(graph, params)
    table = [("#", "node", "lag", "warm-up", "used by")]
    table += [
        (
            str(row.number),
            row.formula,
            row.lag,
            row.warm_up,
            ", ".join(f"#{user}" for user in row.used_by)
            + (" (shared)" if len(row.used_by) > 1 else ""),
        )
        for row in body
    ]
    lines = [f"strategy {name}, hash {strategy_hash}", "", *_aligned(table), ""]
    lines += [f"{root} = #{index}" for root, index in graph.roots.items()]
    lines += [
        f"parameter {p.name}: "
        + (p.range_text if params is None else f"{params[p.name]:g} ({p.range_text})")
        for p in graph.parameters.values()
    ]
    low, high = _warm_up_range(graph, params)
    total = span(max(low), None if high is None else max(high))
    lines.append(f"warm-up: {total} bars; no node reads a bar after t (every lag is >= 0)")
    return "\n".join(lines)


def span(low: int, high: int | None) -> str:
    """Return a range of warm-ups in words; `None` where a window has no upper bound.

    Examples
    --------
    >>> span(4, 49), span(3, 3), span(0, None)
    ('4 to 49', '3', '>= 0')
    """
    if high is None:
        return f">= {low}"
    return str(low) if low == high else f"{low} to {high}"


def _warm_up_range(
    graph: Graph, params: Mapping[str, float] | None
) -> tuple[list[int], list[int] | None]:
    if params is not None:
        exact = warm_ups(graph.nodes, params)
        return exact, exact
    windows = [graph.parameters[name] for name in graph.windows]
    low = warm_ups(graph.nodes, {p.name: 1.0 if p.low is None else p.low for p in windows})
    tops = {p.name: p.high for p in windows if p.high is not None}
    return low, warm_ups(graph.nodes, tops) if len(tops) == len(windows) else None


def _formula(node: Node) -> str:
    if node.value is not None:
        return f"constant {node.value:.15g}"
    if node.name is not None:
        return f"{node.op} {node.name}"
    parts = [f"#{argument}" for argument in node.args]
    symbol = OPERATIONS[node.op].symbol
    if symbol is not None:
        return f"{symbol}{parts[0]}" if len(parts) == 1 else f"{parts[0]} {symbol} {parts[1]}"
    if node.bars is not None:
        parts.append(str(node.bars))
    return f"{node.op}({', '.join(parts)})"


def _aligned(table: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
