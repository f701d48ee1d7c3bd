"""What makes a node well formed: its attributes, its arguments, and what reads the future."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.operations import OPERATIONS, OWN_BARS_ONLY, Slot
from hyprl_lab.strategy.parameter import MAX_BARS, finite_number
from hyprl_lab.strategy.timeframe import timeframe_name
from hyprl_lab.strategy.weights import LogisticWeights
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from hyprl_lab.strategy.expression import Expr
    from hyprl_lab.strategy.operations import Domain, Operation

__all__ = ["MAX_BARS", "check_count", "check_node", "check_scalar", "own_bars_only"]

_ATTRIBUTES: Final = ("name", "value", "bars", "timeframe", "model")


def check_node(node: Expr) -> Operation:
    """Return the row of a node that is being made, its attributes in their one spelling.

    Raises
    ------
    StrategyError
        The operation is unknown, an attribute or argument is missing, out of place or out
        of range, or it looks ahead; the message names the operation and the argument.
    """
    row = OPERATIONS.get(node.op) if isinstance(node.op, str) else None
    if row is None:
        raise StrategyError(f"unknown operation {shown(node.op)}; there are {list(OPERATIONS)}")
    _check_attributes(node, row)
    if not isinstance(node.args, tuple):
        raise StrategyError(f"{row.name}: args is {shown(node.args)}; expected a tuple")
    slots = row.slots_for(len(node.args))
    if len(node.args) != len(slots):
        raise StrategyError(f"{node.op}: found {len(node.args)} arguments, expected {len(slots)}")
    for position, (argument, slot) in enumerate(zip(node.args, slots, strict=True), 1):
        _check_argument(node, position, argument, slot, row.domain)
    if node.model is not None and len(node.model.coefficients) != len(node.args):
        raise StrategyError(
            f"{node.op}: found {len(node.args)} features and a model of "
            f"{len(node.model.coefficients)}; expected a coefficient for each"
        )
    if node.op == "on" and node.args[0].own_bars is not None:
        raise StrategyError(
            f"on({node.timeframe!r}, …): found {node.args[0].own_bars} under it; expected none of "
            f"{sorted(OWN_BARS_ONLY)} there: take it out and combine the two on the bars at hand"
        )
    return row


def own_bars_only(node: Expr) -> str | None:
    """Name what in a node, itself included, can't stand under `on`, if anything does."""
    if node.op in OWN_BARS_ONLY:
        return node.op if node.timeframe is None else f"on({node.timeframe!r}, …)"
    return next((a.own_bars for a in node.args if a.own_bars is not None), None)


def check_count(what: str, count: Expr, use: str = "window") -> None:
    """Refuse what is no count of bars: neither a whole constant >= 1 nor such a parameter.

    Raises
    ------
    StrategyError
        Naming `what`.
    """
    if count.parameter is not None:
        count.parameter.as_window(use)
        return
    if count.value is None:
        raise StrategyError(
            f"{what}: the {use} is {count!r}; expected a whole number >= 1 or a parameter"
        )
    if not (count.value.is_integer() and 1 <= count.value <= MAX_BARS):
        raise StrategyError(
            f"{what}: the {use} is {count.value:.15g}; expected a whole number of bars >= 1 and "
            f"<= {MAX_BARS:,}"
        )


def check_scalar(what: str, scalar: Expr, domain: Domain) -> None:
    """Refuse what is no constant and no parameter, or may lie outside a domain.

    A parameter without a range is looked at again when it is given a value.

    Raises
    ------
    StrategyError
        Naming `what`.
    """
    declared = scalar.parameter
    if declared is None:
        if scalar.value is None or not domain.holds(scalar.value):
            raise StrategyError(
                f"{what}: found {scalar!r}; expected a number {domain.text}, or a parameter"
            )
        return
    ends = [end for end in (declared.low, declared.high) if end is not None]
    if not all(domain.holds(end) for end in ends):
        raise StrategyError(
            f"{what}: parameter {declared.name!r} ranges over {declared.range_text}; "
            f"expected numbers {domain.text}"
        )


def _check_attributes(node: Expr, row: Operation) -> None:
    for key in _ATTRIBUTES:
        present = getattr(node, key) is not None
        if present != (row.attribute == key):
            raise StrategyError(f"{row.name}: {key} is {'out of place' if present else 'missing'}")
    if (node.parameter is not None) != (row.name == "parameter"):
        raise StrategyError(f"{row.name}: a declaration belongs to a parameter and only there")
    if row.name == "column" and not (
        isinstance(node.name, str) and 0 < len(node.name) <= 200 and node.name.isprintable()
    ):
        raise StrategyError(
            f"column name {shown(node.name)}; expected 1 to 200 printable characters"
        )
    if node.parameter is not None and node.name != node.parameter.name:
        raise StrategyError(f"parameter node {node.name!r} declares {node.parameter.name!r}")
    if node.value is not None:
        object.__setattr__(node, "value", finite_number(node.value, "constant"))
    if node.bars is not None:
        object.__setattr__(node, "bars", _bars(node.bars))
    if node.timeframe is not None:
        object.__setattr__(node, "timeframe", timeframe_name(node.timeframe))
    found: object = node.model
    if found is not None and not isinstance(found, LogisticWeights):
        raise StrategyError(f"{row.name}: model is {shown(found)}; expected LogisticWeights")


def _bars(bars: object) -> int:
    if isinstance(bars, bool | np.bool_) or not isinstance(bars, int | np.integer):
        raise StrategyError(f"shift: bars is {shown(bars)}; expected a whole number >= 0")
    if bars < 0:
        raise StrategyError(f"shift: bars is {shown(bars)}; a negative shift looks ahead")
    if bars > MAX_BARS:
        raise StrategyError(f"shift: bars is {shown(bars)}; expected at most {MAX_BARS:,}")
    return int(bars)


def _check_argument(
    node: Expr, position: int, argument: object, slot: Slot, domain: Domain | None
) -> None:
    where = f"{node.op}, argument {position}"
    if not isinstance(argument, type(node)):
        raise StrategyError(f"{where}: found {shown(argument)}; expected an expression")
    if slot == "window":
        check_count(where, argument)
    elif slot == "scalar" and domain is not None:
        check_scalar(where, argument, domain)
    elif slot not in {"any", argument.kind}:
        hint = (
            "compare it with something, as in x > 0"
            if slot == "boolean"
            else "a condition has no numeric value"
        )
        raise StrategyError(
            f"{where}: found the {argument.kind} {argument!r}; expected a {slot} ({hint})"
        )
