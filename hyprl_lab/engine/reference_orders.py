"""The twin's orders: when an entry order is reached, and the row that each order leaves behind."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from hyprl_lab.engine.simulation import INTENTS, KINDS, REASONS, STATUSES, WHYS, OrderColumns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.engine.reference_graph import Plan
    from hyprl_lab.engine.reference_levels import Bar
    from hyprl_lab.types import Reason

__all__ = ["EntryOrder", "Kind", "Order", "Why", "entry_order", "order_columns"]

Intent: TypeAlias = Literal["entry", "exit"]
Kind: TypeAlias = Literal["market", "limit", "stop"]
Why: TypeAlias = Literal[
    "", "level_missing", "level_breached", "no_quantity", "not_reached", "blocked", "no_volume"
]


@dataclass(frozen=True, slots=True)
class EntryOrder:
    """An entry that was signalled: a market order, or one that waits for a price (rule 4)."""

    side: int
    signal_bar: int
    kind: Kind = "market"
    price: float = math.nan

    @property
    def priced(self) -> bool:
        """Whether what it waits for is known and positive; a market order waits for nothing."""
        return self.kind == "market" or (math.isfinite(self.price) and self.price > 0.0)

    def marketable(self, opened: float) -> bool:
        """Whether it fills at the open."""
        if self.kind == "market":
            return True
        below = self.side > 0 if self.kind == "limit" else self.side < 0
        return opened <= self.price if below else opened >= self.price

    def reached(self, bar: Bar, tick_size: float) -> bool:
        """Whether it fills inside a bar at whose open it did not."""
        if self.kind == "limit":  # it has to be traded through
            if self.side > 0:
                return bar.low < self.price - tick_size
            return bar.high > self.price + tick_size
        return bar.high >= self.price if self.side > 0 else bar.low <= self.price


def entry_order(plan: Plan, side: int, signal_bar: int) -> EntryOrder:
    """Return the order that an entry signal makes, at the price read at the signal bar."""
    if plan.entry_limit is not None:
        return EntryOrder(side, signal_bar, "limit", plan.entry_limit[signal_bar])
    if plan.entry_stop is not None:
        return EntryOrder(side, signal_bar, "stop", plan.entry_stop[signal_bar])
    return EntryOrder(side, signal_bar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One row of the table of orders; `side` is +1 for a buy, -1 for a sell."""

    bar: int
    signal_bar: int
    side: int
    intent: Intent
    kind: Kind
    reason: Reason = "signal"
    why: Why = ""
    asked: float = 0.0
    quantity: float = 0.0
    price: float = math.nan
    fee: float = 0.0

    @property
    def status(self) -> str:
        """Filled, filled in part, or cancelled."""
        if self.quantity <= 0.0:
            return "cancelled"
        return "filled" if self.quantity >= self.asked else "partial"


def order_columns(orders: Sequence[Order]) -> OrderColumns:
    """Lay rows out as columns, words as their codes."""
    return OrderColumns(
        bar=np.array([order.bar for order in orders], np.int64),
        signal_bar=np.array([order.signal_bar for order in orders], np.int64),
        side=np.array([order.side for order in orders], np.int8),
        intent=np.array([INTENTS.index(order.intent) for order in orders], np.int8),
        kind=np.array([KINDS.index(order.kind) for order in orders], np.int8),
        reason=np.array([REASONS.index(order.reason) for order in orders], np.int8),
        status=np.array([STATUSES.index(order.status) for order in orders], np.int8),
        why=np.array([WHYS.index(order.why) for order in orders], np.int8),
        asked=np.array([order.asked for order in orders], np.float64),
        quantity=np.array([order.quantity for order in orders], np.float64),
        price=np.array([order.price for order in orders], np.float64),
        fee=np.array([order.fee for order in orders], np.float64),
    )
