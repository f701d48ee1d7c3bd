"""The readable reading of a strategy graph: what the strategy wants at the close of each bar.

The meaning of each node is in `docs/strategy-graph.md`. The order of additions and divisions is
part of it: running sums start at the first bar, as TA-Lib has them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from hyprl_lab.engine.reference_nodes import Reading
from hyprl_lab.errors import StrategyError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hyprl_lab.engine.simulation import SimulationInputs
    from hyprl_lab.engine.watch import Watch
    from hyprl_lab.types import JsonValue

__all__ = ["Level", "Plan", "evaluate", "evaluate_nodes"]

SIGNALS: Final = ("long_entry", "long_exit", "short_entry", "short_exit")
LEVELS: Final = ("stop_loss", "take_profit", "trailing_stop")
LEVEL_KINDS: Final = ("percent", "distance", "price")
PRICES: Final = ("entry_limit", "entry_stop")


@dataclass(frozen=True, slots=True)
class Level:
    """A stop or a target, bar by bar.

    Parameters
    ----------
    kind
        What `amount` is: `percent` (a fraction of the fill price), `distance` from it in price,
        or `price` (the level itself).
    amount
        One number a bar, NaN where missing.
    """

    kind: str
    amount: list[float]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a strategy wants at the close of each bar.

    Parameters
    ----------
    long_entry, long_exit, short_entry, short_exit
        The signals, one a bar; a missing one is `False`.
    stop_loss, take_profit, trailing_stop
        The levels, `None` where the strategy has none.
    entry_limit, entry_stop
        The price of the entry order a bar, NaN where missing; `None` for entries at the market.
    time_stop
        Bars after which a position is closed, `None` for never.
    """

    long_entry: list[bool]
    long_exit: list[bool]
    short_entry: list[bool]
    short_exit: list[bool]
    stop_loss: Level | None
    take_profit: Level | None
    trailing_stop: Level | None
    entry_limit: list[float] | None
    entry_stop: list[float] | None
    time_stop: int | None


def evaluate(inputs: SimulationInputs, watch: Watch | None = None) -> Plan:
    """Read a strategy graph over bars.

    Parameters
    ----------
    inputs
        Of it are read `graph`, `columns`, `params`, `ts`, `clock` and `longer`.
    watch
        Told before each node that no bar is done.

    Raises
    ------
    StrategyError
        The graph is malformed, a parameter is unbound, a window is not a whole number from 1 to
        the number of bars (under `on`: of longer bars), or the time stop is not a whole number
        from 1; the message names the node.
    BarsError
        A column, a session node's values or the longer bars that the graph names are not there,
        are not as long as the bars, or a longer bar is said to be complete before its last bar.
    CancelledError
        The watch stopped the work.
    """
    graph = inputs.graph
    nodes = _nodes(graph)
    outputs = cast("dict[str, JsonValue]", graph["outputs"])
    roots = {name: _index(outputs, name, f"output {name}") for name in SIGNALS}
    if roots["long_entry"] is None and roots["short_entry"] is None:
        raise StrategyError("the graph has no entry; give it a long_entry or a short_entry")
    for side in ("long", "short"):
        if roots[f"{side}_exit"] is not None and roots[f"{side}_entry"] is None:
            raise StrategyError(f"the graph has a {side}_exit and no {side}_entry; give it one")
    kinds = {name: _kind(graph, name) for name in LEVELS}
    for name in LEVELS:
        data = cast("dict[str, JsonValue]", graph.get(name) or {})
        roots[name] = _index(data, "node", name)
    for name in (*PRICES, "time_stop"):
        roots[name] = _index(graph, name, name)
    if roots["entry_limit"] is not None and roots["entry_stop"] is not None:
        raise StrategyError("the graph has an entry_limit and an entry_stop; expected at most one")
    reading = Reading(inputs, nodes, watch=watch)
    reading.run(at for at in roots.values() if at is not None)

    def signal(name: str) -> list[bool]:
        at = roots[name]
        if at is None:
            return [False] * reading.bars
        return [value is True for value in reading.truths_at(at, f"output {name}")]

    def price(name: str) -> list[float] | None:
        at = roots[name]
        return None if at is None else reading.numbers_at(at, name)

    def level(name: str) -> Level | None:
        amount = price(name)
        return None if amount is None else Level(kinds[name], amount)

    return Plan(
        long_entry=signal("long_entry"),
        long_exit=signal("long_exit"),
        short_entry=signal("short_entry"),
        short_exit=signal("short_exit"),
        stop_loss=level("stop_loss"),
        take_profit=level("take_profit"),
        trailing_stop=level("trailing_stop"),
        entry_limit=price("entry_limit"),
        entry_stop=price("entry_stop"),
        time_stop=_time_stop(reading, roots["time_stop"]),
    )


def evaluate_nodes(inputs: SimulationInputs, nodes: Sequence[int]) -> list[list[float]]:
    """Read some nodes of a graph over all bars; the graph needs no entry.

    Parameters
    ----------
    inputs
        Of it are read `graph`, `columns`, `params`, `ts`, `clock` and `longer`.
    nodes
        Their indices; one may stand twice.

    Returns
    -------
    list[list[float]]
        For each of them a number a bar, NaN where missing; a condition is 1 where it is true and
        0 where it is false.

    Raises
    ------
    StrategyError, BarsError
        As `evaluate`.
    """
    reading = Reading(inputs, _nodes(inputs.graph))
    reading.run(nodes)
    return [
        reading.numbers[at] if at in reading.numbers else _as_numbers(reading.truths[at])
        for at in nodes
    ]


def _as_numbers(truths: list[bool | None]) -> list[float]:
    return [math.nan if truth is None else float(truth) for truth in truths]


def _nodes(graph: Mapping[str, JsonValue]) -> list[dict[str, JsonValue]]:
    if graph.get("version") != 1:
        raise StrategyError(f"graph version is {graph.get('version')!r}; this engine reads 1")
    return cast("list[dict[str, JsonValue]]", graph["nodes"])


def _kind(graph: Mapping[str, JsonValue], name: str) -> str:
    data = graph.get(name)
    if data is None:
        return ""
    if (
        not isinstance(data, dict)
        or data.get("kind") not in LEVEL_KINDS
        or data.get("node") is None
    ):
        raise StrategyError(
            f"{name} is {data!r}; expected kind {', '.join(LEVEL_KINDS)} and a node index"
        )
    return str(data["kind"])


def _index(data: Mapping[str, JsonValue], key: str, user: str) -> int | None:
    at = data.get(key)
    if at is not None and (isinstance(at, bool) or not isinstance(at, int)):
        raise StrategyError(f"{user} names node {at!r}; expected a node index or null")
    return at


def _time_stop(reading: Reading, at: int | None) -> int | None:
    if at is None:
        return None
    if at not in reading.fixed:
        raise StrategyError(f"time_stop is {reading.name(at)}; expected a constant or a parameter")
    held = reading.fixed[at]
    if held != math.floor(held) or held < 1.0:
        raise StrategyError(
            f"time_stop: {reading.name(at)} is {held:g}; expected a whole number of bars from 1"
        )
    return int(held)
