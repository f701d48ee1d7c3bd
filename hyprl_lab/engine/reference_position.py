"""The twin's position: what was entered, what is left, what was seen, and the trade it becomes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hyprl_lab.engine.reference_numbers import quotient
from hyprl_lab.engine.reference_statistics import Trade

if TYPE_CHECKING:
    from hyprl_lab.engine.reference_levels import Levels, Moment
    from hyprl_lab.types import Reason

__all__ = ["Position"]


@dataclass(slots=True, kw_only=True)
class Position:
    """One position, from its first fill to the one that makes it flat.

    `scale` is money per point and unit. `rest` is what its entry still wants, `leaving` the reason
    of an exit that is carried; its levels act on bars from `guarded_from` on.
    """

    side: int
    entry_bar: int
    moment: Moment
    scale: float
    levels: Levels
    guarded_from: int
    quantity: float = 0.0
    rest: float = 0.0
    leaving: Reason | None = None
    entries: list[tuple[float, float]] = field(default_factory=list)
    exits: list[tuple[float, float]] = field(default_factory=list)
    entry_fees: float = 0.0
    exit_fees: float = 0.0
    financing: float = 0.0
    lowest: float = math.inf
    highest: float = -math.inf
    stop_price: float = math.nan

    @property
    def exposure(self) -> float:
        """q·M: money that a point of price is worth, negative for a short."""
        return (self.side * self.quantity) * self.scale

    def see(self, *prices: float) -> None:
        """Take market prices into the worst and the best seen."""
        for price in prices:
            self.lowest = min(self.lowest, price)
            self.highest = max(self.highest, price)

    def add(self, quantity: float, price: float, fee: float) -> None:
        """Take an entry fill in."""
        self.quantity += quantity
        self.entries.append((quantity, price))
        self.entry_fees += fee

    def reduce(self, quantity: float, price: float, fee: float) -> None:
        """Take an exit fill out."""
        self.quantity -= quantity
        self.exits.append((quantity, price))
        self.exit_fees += fee

    def trade(self, t: int, reason: Reason) -> Trade:
        """Sum up what the position came to, now that nothing of it is left."""
        entry, exit_ = _mean(self.entries), _mean(self.exits)
        entered = 0.0
        for quantity, _ in self.entries:
            entered += quantity
        fees = self.entry_fees + self.exit_fees
        money = (exit_ - entry) * ((self.side * entered) * self.scale)
        pnl = money - fees - self.financing
        worst, best = self.lowest, self.highest
        if self.side < 0:
            worst, best = best, worst
        return Trade(
            entry_bar=self.entry_bar,
            exit_bar=t,
            side=self.side,
            entry_price=entry,
            exit_price=exit_,
            quantity=entered,
            pnl=pnl,
            trade_return=quotient(pnl, (entered * self.scale) * entry),
            stop_price=self.stop_price,
            reason=reason,
            fees=fees,
            financing=self.financing,
            mae=quotient(worst - entry if self.side > 0 else entry - worst, entry),
            mfe=quotient(best - entry if self.side > 0 else entry - best, entry),
        )


def _mean(fills: list[tuple[float, float]]) -> float:
    """Σ xᵢ·Pᵢ ÷ Σ xᵢ; a single fill's price is itself."""
    if len(fills) == 1:
        return fills[0][1]
    money = units = 0.0
    for quantity, price in fills:
        money += quantity * price
        units += quantity
    return quotient(money, units)
