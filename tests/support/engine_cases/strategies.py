"""Random strategies: signals that fire often enough, and every level, exit and order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine_cases.graphs import GROWN, UNDER_ON, Graph, document
from hyprl_lab.strategy.operations import OPERATIONS

if TYPE_CHECKING:
    from engine_cases.chooser import Chooser
    from engine_cases.markets import Market


def strategy(
    choose: Chooser, market: Market, theme: str = "any"
) -> tuple[dict[str, Any], dict[str, float]]:
    """A graph in its JSON form, and its parameters' values."""
    held = theme in {"held", "wild"}
    graph = Graph(choose, market)
    roots: dict[str, Any] = {}
    sides = choose.of((("long", "short"), ("long",), ("short",), ("long", "short")))
    for side in sides:
        if theme == "eager":
            roots[f"{side}_entry"] = graph.is_true("buy" if side == "long" else "sell")
            roots["stop_loss"] = "percent", graph.given(choose.of((0.01, 0.003)))
            if choose.chance(60):
                roots["take_profit"] = "percent", graph.given(choose.of((0.01, 0.005)))
            continue
        roots[f"{side}_entry"] = _entry(graph, side)
        if not held and choose.chance(60):
            roots[f"{side}_exit"] = _exit(graph)
    for name, percent in (("stop_loss", 55), ("take_profit", 50), ("trailing_stop", 35)):
        if name not in roots and not held and choose.chance(percent):
            roots[name] = _level(graph, name, sides)
    if not held and choose.chance(30):
        roots["time_stop"] = graph.given(choose.of((3, 1, 2, 5, 9, 100_000)))
    if choose.chance(35):
        name = choose.of(("entry_limit", "entry_stop"))
        roots[name] = _price(graph, near=True)
    found = document(graph, roots)
    return found, graph.params


def _entry(graph: Graph, side: str) -> int:
    often = "buy" if side == "long" else "sell"
    which = graph.choose.whole(0, 9)
    if which < 4:
        return graph.is_true(graph.choose.of((often, f"{often}_rarely")))
    if which < 8:
        return graph.add("or", (graph.is_true(f"{often}_rarely"), _about_any(graph)))
    if which < 9:
        return graph.add("and", (graph.is_true(often), graph.condition(2)))
    return graph.condition(3)


def _exit(graph: Graph) -> int:
    which = graph.choose.whole(0, 9)
    if which < 6:
        return graph.is_true("leave")
    if which < 8:
        return graph.add("and", (graph.is_true("leave"), _about_any(graph)))
    return graph.condition(2)


def _about_any(graph: Graph) -> int:
    """A condition about a node of any operation, each as likely as the other."""
    choose = graph.choose
    longer = choose.chance(25)
    op = choose.of(UNDER_ON if longer else GROWN)
    kind = OPERATIONS[op].result or choose.of(("boolean", "number"))
    make = graph.over_longer_bars if longer else graph.operation
    node = make(op, kind, 2)
    if kind == "boolean":
        return node
    return graph.add(choose.of(("greater", "less")), (node, graph.number(1)))


def _level(graph: Graph, name: str, sides: tuple[str, ...]) -> tuple[str, int]:
    """A level of one of the three kinds; most stand where a trade can reach them."""
    choose = graph.choose
    which = choose.whole(0, 9)
    if which < 5:
        return "percent", graph.given(choose.of((0.05, 0.01, 0.02, 0.1, 0.3)))
    if which < 8:
        if choose.chance(70):
            size = graph.add("atr", (graph.window(),))
            return "distance", graph.add(
                "multiply", (size, graph.given(choose.of((1.0, 0.3, 3.0))))
            )
        if choose.chance(50):
            return "distance", graph.add("absolute", (graph.column("feature"),))
        return "distance", graph.number(2)
    above = (name == "take_profit") == (sides[0] == "long")
    if choose.chance(70):
        factor = choose.of((1.03, 1.1, 1.01) if above else (0.97, 0.9, 0.99))
        return "price", graph.add("multiply", (graph.column("close"), graph.given(factor)))
    return "price", _price(graph, near=False)


def _price(graph: Graph, *, near: bool) -> int:
    choose = graph.choose
    which = choose.whole(0, 9)
    if which < (7 if near else 3):
        factors = (1.0, 0.99, 1.01, 0.97, 1.03)
        return graph.add("multiply", (graph.column("close"), graph.given(choose.of(factors))))
    if which == 9 and choose.chance(50):  # not a price at all where the feature is negative
        return graph.add("multiply", (graph.column("close"), graph.column("feature")))
    if which < 9:
        op = choose.of(("lowest", "highest", "sma"))
        return graph.add(op, (graph.column(choose.of(("close", "low", "high"))), graph.window()))
    return graph.number(2)
