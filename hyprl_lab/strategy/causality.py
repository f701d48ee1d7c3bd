"""Which bars each node reads: the proof that nothing looks ahead.

*Lag*: the newest bar a node reads is t - lag. Columns have 0, `shift(n)` and `lag(n)` add n
(its least, where that is a parameter without a value), every other operation takes the least
of its arguments'; constants and parameters read no bar and have none. No operation subtracts,
so no lag is negative. Under `on` a lag counts longer bars, each of which is at least one bar
long.

*Warm-up*: the number of bars before the first valid value, on bars without missing
values and with parameters bound: the greatest of the arguments' plus the operation's own
look-back. Under `on` it counts longer bars: what warms up over w of them is there after
w + 1 at the latest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.operations import OPERATIONS, READS_BARS, Lookback
from hyprl_lab.strategy.timeframe import bars_inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hyprl_lab.strategy.graph import Node

__all__ = ["Spans", "lags", "longest", "spoken", "warm_up_spans", "warm_ups", "window_names"]

Spans: TypeAlias = "dict[str, tuple[int, int]]"
"""Bars of a longer timeframe (`""`: of the bars at hand), and bars at hand that follow."""


def lags(nodes: Sequence[Node], params: Mapping[str, float] | None = None) -> list[int | None]:
    """Return each node's lag in bars; `None` where a node reads no bar at all.

    Parameters
    ----------
    nodes
        In topological order.
    params
        Values of parameters; a window without one counts as 1, the least it can be.

    Examples
    --------
    >>> from hyprl_lab.strategy.graph import Node
    >>> lags([Node("column", name="close"), Node("shift", (0,), bars=2)])
    [0, 2]
    """
    out: list[int | None] = []
    for node in nodes:
        if node.op in READS_BARS:
            out.append(0)
            continue
        read = [lag for lag in (out[a] for a in node.args) if lag is not None]
        out.append(min(read) + _delay(node, nodes, params or {}) if read else None)
    return out


def warm_ups(
    nodes: Sequence[Node], params: Mapping[str, float], timeframe: str | None = None
) -> list[int]:
    """Return each node's warm-up in bars, for given values of the parameters.

    Nodes under `on` count bars of its timeframe; `on` itself counts the bars at hand.

    Parameters
    ----------
    nodes
        In topological order.
    params
        A value for each parameter that is used as a window.
    timeframe
        That of the bars at hand; needed where there is an `on`.

    Raises
    ------
    StrategyError
        There is an `on` and no `timeframe`, or its timeframe is no multiple of the bars';
        the message names the node.

    Examples
    --------
    >>> from hyprl_lab.strategy.graph import Node
    >>> nodes = [Node("column", name="close"), Node("parameter", name="n"), Node("sma", (0, 1))]
    >>> warm_ups(nodes, {"n": 20.0})
    [0, 0, 19]
    >>> warm_ups([*nodes, Node("on", (2,), timeframe="1h")], {"n": 20.0}, "5m")
    [0, 0, 19, 240]
    """
    out: list[int] = []
    for index, node in enumerate(nodes):
        before = max((out[a] for a in node.args), default=0)
        if node.timeframe is not None:
            out.append((before + 1) * _inside(index, node.timeframe, timeframe))
        else:
            out.append(before + _lookback(node, nodes, params))
    return out


def warm_up_spans(nodes: Sequence[Node], params: Mapping[str, float]) -> list[Spans]:
    """Return each node's warm-up with longer bars left as they are, the longest of each kind.

    Examples
    --------
    >>> from hyprl_lab.strategy.graph import Node
    >>> nodes = [Node("column", name="close"), Node("shift", (0,), bars=3)]
    >>> warm_up_spans([*nodes, Node("on", (1,), timeframe="1h")], {})[2]
    {'1h': (3, 0)}
    """
    out: list[Spans] = []
    for node in nodes:
        before = longest(out[a] for a in node.args)
        if node.timeframe is not None:
            out.append({node.timeframe: before.get("", (0, 0))})
            continue
        more = _lookback(node, nodes, params)
        if node.args:
            out.append(before if more == 0 else _later(before, more))
        else:
            out.append({"": (more, 0)})
    return out


def longest(spans: Iterable[Spans]) -> Spans:
    """Return the longest of each kind: after it, all have passed.

    Examples
    --------
    >>> longest([{"": (3, 0)}, {"": (5, 0)}, {"1h": (2, 1)}])
    {'': (5, 0), '1h': (2, 1)}
    """
    out: Spans = {}
    for span in spans:
        for kind, (bars, after) in span.items():
            known = out.get(kind, (0, 0))
            out[kind] = max(known[0], bars), max(known[1], after)
    return out


def spoken(span: Spans) -> str:
    """Return a warm-up in words.

    Examples
    --------
    >>> spoken({"": (5, 0)}), spoken({"1h": (2, 0)}), spoken({"": (30, 0), "1h": (2, 9)})
    ('5', '2 of 1h', 'max(30, 2 of 1h + 9)')
    """
    after = max((more for kind, (_, more) in span.items() if kind), default=0)
    parts = [
        f"{bars} of {kind}{f' + {more}' if more else ''}" if kind else str(bars)
        for kind, (bars, more) in sorted(span.items())
        if kind or len(span) == 1 or bars > after
    ]
    return parts[0] if len(parts) == 1 else f"max({', '.join(parts)})"


def window_names(nodes: Sequence[Node]) -> set[str]:
    """Return the names of the parameters that are windows, and so decide on warm-ups."""
    found = {window.name for node in nodes for window in _windows(node, nodes)}
    return {name for name in found if name is not None}


def _later(span: Spans, bars: int) -> Spans:
    return {
        kind: (first, after + bars) if kind else (first + bars, 0)
        for kind, (first, after) in span.items()
    }


def _inside(index: int, longer: str, timeframe: str | None) -> int:
    where = f"node {index} (on {longer!r})"
    if timeframe is None:
        raise StrategyError(
            f"{where}: its warm-up in bars depends on theirs; give the bars' timeframe, "
            'as in warm_up(params, timeframe="5m")'
        )
    try:
        return bars_inside(longer, timeframe)
    except StrategyError as error:
        raise StrategyError(f"{where}: {error}") from error


def _lookback(node: Node, nodes: Sequence[Node], params: Mapping[str, float]) -> int:
    lookback = OPERATIONS[node.op].lookback
    if lookback is Lookback.NONE:
        return 0
    if lookback is Lookback.ONE:
        return 1
    if lookback is Lookback.BARS:
        return node.bars or 0
    window = max(_bars(found, params) for found in _windows(node, nodes))
    if lookback is Lookback.TWO_WINDOWS_LESS_ONE:
        return 2 * window - 1
    return window if lookback is Lookback.WINDOW else window - 1


def _delay(node: Node, nodes: Sequence[Node], params: Mapping[str, float]) -> int:
    if node.op != "lag":
        return node.bars or 0
    (window,) = _windows(node, nodes)
    return 1 if window.value is None and window.name not in params else _bars(window, params)


def _windows(node: Node, nodes: Sequence[Node]) -> list[Node]:
    return [nodes[node.args[place]] for place in OPERATIONS[node.op].places("window")]


def _bars(window: Node, params: Mapping[str, float]) -> int:
    return int(params[window.name]) if window.name is not None else int(window.value or 0)
