"""A strategy's graph in words: every node with its lag and its warm-up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from hyprl_lab.strategy.causality import (
    lags,
    longest,
    spoken,
    warm_up_spans,
    warm_ups,
    window_names,
)
from hyprl_lab.strategy.operations import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hyprl_lab.strategy.causality import Spans
    from hyprl_lab.strategy.graph import Graph, Node
    from hyprl_lab.strategy.levels import LevelKind

__all__ = ["Row", "explain", "rows"]


_LEVELS: Final[Mapping[LevelKind, str]] = {
    "percent": "a fraction of the fill price",
    "distance": "a distance from the fill price",
    "price": "a price",
}


class Row(NamedTuple):
    """What is said of one node.

    Parameters
    ----------
    number
        Its number in the JSON form.
    formula
        The operation, arguments written as `#index`.
    lag
        In bars, under `on` in those of its timeframe; `"-"` where it reads no bar. That of
        `lag` is the least in the range where parameters are not given.
    warm_up
        Counted likewise, an `on` as `"3 of 1h"`; a range where parameters are not given.
    used_by
        The numbers of the nodes that use it.
    """

    number: int
    formula: str
    lag: str
    warm_up: str
    used_by: tuple[int, ...]


def rows(
    graph: Graph, params: Mapping[str, float] | None, timeframe: str | None = None
) -> list[Row]:
    """Return one row a node; `params` are bound already, or `None` for the whole range."""
    used: list[list[int]] = [[] for _ in graph.nodes]
    for index, node in enumerate(graph.nodes):
        for argument in dict.fromkeys(node.args):
            used[argument].append(index)
    low, high = _warm_up_range(graph, params, timeframe)
    least = _least(graph) if params is None else params
    return [
        Row(
            index,
            _formula(node),
            "-" if lag is None else str(lag),
            span(low[index], None if high is None else high[index]),
            tuple(used[index]),
        )
        for index, (node, lag) in enumerate(zip(graph.nodes, lags(graph.nodes, least), strict=True))
    ]


def explain(
    name: str,
    strategy_hash: str,
    graph: Graph,
    params: Mapping[str, float] | None,
    timeframe: str | None = None,
    *,
    kinds: Mapping[str, LevelKind],
) -> str:
    """Return the numbered graph as text; see `Strategy.explain`. `kinds` are those of levels."""
    body = rows(graph, params, timeframe)
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
    lines += [
        f"{root} = #{index}" + (f", {_LEVELS[kinds[root]]}" if root in kinds else "")
        for root, index in graph.roots.items()
    ]
    lines += [
        f"parameter {p.name}: "
        + (p.range_text if params is None else f"{params[p.name]:g} ({p.range_text})")
        for p in graph.parameters.values()
    ]
    low, high = _warm_up_range(graph, params, timeframe)
    ends = list(graph.roots.values())
    total = span(
        longest(low[end] for end in ends),
        None if high is None else longest(high[end] for end in ends),
    )
    lines.append(f"warm-up: {total} bars; no node reads a bar after t (every lag is >= 0)")
    if graph.longer:
        lines.append("under on: lags and warm-ups count bars of its timeframe, closed ones alone")
    return "\n".join(lines)


def span(low: Spans, high: Spans | None) -> str:
    """Return a range of warm-ups in words; `None` where a window has no upper bound.

    Examples
    --------
    >>> span({"": (4, 0)}, {"": (49, 0)}), span({"1h": (3, 0)}, None)
    ('4 to 49', '>= 3 of 1h')
    """
    if high is None:
        return f">= {spoken(low)}"
    return spoken(low) if low == high else f"{spoken(low)} to {spoken(high)}"


def _warm_up_range(
    graph: Graph, params: Mapping[str, float] | None, timeframe: str | None
) -> tuple[list[Spans], list[Spans] | None]:
    if params is not None:
        exact = _spans(graph, params, timeframe)
        return exact, exact
    least = _least(graph)
    tops = {name: graph.parameters[name].high for name in least}
    known = {name: high for name, high in tops.items() if high is not None}
    return (
        _spans(graph, least, timeframe),
        _spans(graph, known, timeframe) if len(known) == len(least) else None,
    )


def _least(graph: Graph) -> dict[str, float]:
    """Return the least that each window may be."""
    windows = [graph.parameters[name] for name in sorted(window_names(graph.nodes))]
    return {p.name: 1.0 if p.low is None else p.low for p in windows}


def _spans(graph: Graph, params: Mapping[str, float], timeframe: str | None) -> list[Spans]:
    if timeframe is None:
        return warm_up_spans(graph.nodes, params)
    return [{"": (bars, 0)} for bars in warm_ups(graph.nodes, params, timeframe)]


def _formula(node: Node) -> str:
    if node.value is not None:
        return f"constant {node.value:.15g}"
    if node.name is not None:
        return f"{node.op} {node.name}"
    parts = [f"#{argument}" for argument in node.args]
    symbol = OPERATIONS[node.op].symbol
    if not parts:
        return node.op
    if symbol is not None:
        return f"{symbol}{parts[0]}" if len(parts) == 1 else f"{parts[0]} {symbol} {parts[1]}"
    if node.bars is not None:
        parts.append(str(node.bars))
    if node.timeframe is not None:
        parts.insert(0, node.timeframe)
    if node.model is not None:
        parts.append(f"trained until {_moment(node.model.trained_until_us)}")
    return f"{node.op}({', '.join(parts)})"


def _moment(microseconds: int) -> str:
    moment = np.datetime64(microseconds, "us")
    return f"{np.datetime_as_string(moment, unit='s')}Z"


def _aligned(table: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[at]) for row in table) for at in range(len(table[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
