"""Which bars each node reads: the proof that nothing looks ahead.

*Lag*: the newest bar a node reads is t - lag. Columns have 0, `shift(n)` adds n, every
other operation takes the least of its arguments'; constants and parameters read no bar
and have none. No operation subtracts, so no lag is negative.

*Warm-up*: the number of bars before the first valid value, on bars without missing
values and with parameters bound: the greatest of the arguments' plus the operation's own
look-back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.strategy.operations import OPERATIONS, Lookback

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hyprl_lab.strategy.graph import Node

__all__ = ["lags", "warm_ups"]


def lags(nodes: Sequence[Node]) -> list[int | None]:
    """Return each node's lag in bars; `None` where a node reads no bar at all.

    Examples
    --------
    >>> from hyprl_lab.strategy.graph import Node
    >>> lags([Node("column", name="close"), Node("shift", (0,), bars=2)])
    [0, 2]
    """
    out: list[int | None] = []
    for node in nodes:
        if node.op in {"column", "atr"}:
            out.append(0)
            continue
        read = [lag for lag in (out[a] for a in node.args) if lag is not None]
        out.append(min(read) + (node.bars or 0) if read else None)
    return out


def warm_ups(nodes: Sequence[Node], params: Mapping[str, float]) -> list[int]:
    """Return each node's warm-up in bars, for given values of the parameters.

    Parameters
    ----------
    nodes
        In topological order.
    params
        A value for each parameter that is used as a window.

    Examples
    --------
    >>> from hyprl_lab.strategy.graph import Node
    >>> nodes = [Node("column", name="close"), Node("parameter", name="n"), Node("sma", (0, 1))]
    >>> warm_ups(nodes, {"n": 20.0})
    [0, 0, 19]
    """
    out: list[int] = []
    for node in nodes:
        before = max((out[a] for a in node.args), default=0)
        out.append(before + _lookback(node, nodes, params))
    return out


def _lookback(node: Node, nodes: Sequence[Node], params: Mapping[str, float]) -> int:
    lookback = OPERATIONS[node.op].lookback
    if lookback is Lookback.NONE:
        return 0
    if lookback is Lookback.ONE:
        return 1
    if lookback is Lookback.BARS:
        return node.bars or 0
    window = nodes[node.args[-1]]
    bars = int(params[window.name]) if window.name is not None else int(window.value or 0)
    return bars if lookback is Lookback.WINDOW else bars - 1
