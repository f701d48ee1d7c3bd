"""The twin's stops, targets and trailing stops: where they lie, and which of them a bar hits.

Rules 5 and 6 of `docs/execution.md`. They are told there for longs; `side` (+1 long, -1 short)
mirrors them here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from hyprl_lab.engine.reference_graph import Level, Plan
    from hyprl_lab.types import Intrabar, Reason

__all__ = ["Bar", "Hit", "Levels", "Moment", "Trail", "levels_at", "reaches"]

Moment: TypeAlias = Literal["open", "inside", "close"]
"""When in its bar a position was entered."""


class Bar(NamedTuple):
    """The four prices of one bar."""

    open: float
    high: float
    low: float
    close: float

    def best(self, side: int) -> float:
        """Return the extreme that favours a side: the high of a long."""
        return self.high if side > 0 else self.low

    def worst(self, side: int) -> float:
        """Return the extreme that hurts a side: the low of a long."""
        return self.low if side > 0 else self.high


class Hit(NamedTuple):
    """A level that a bar hit.

    `price` is the market price of its fill; `contested` says that `intrabar` put a target before
    a stop that was hit too.
    """

    price: float
    reason: Reason
    at_open: bool
    contested: bool


def reaches(price: float, level: float, direction: int) -> bool:
    """Whether a price is at a level or beyond it, going up (+1) or down (-1).

    Examples
    --------
    >>> reaches(95.0, 95.0, -1), reaches(95.1, 95.0, -1), reaches(95.1, 95.0, 1)
    (True, False, True)
    """
    return price >= level if direction > 0 else price <= level


@dataclass(slots=True)
class Trail:
    """A trailing stop: its level, the best price since the entry, and how far behind it stays."""

    rule: Level
    amount: float
    level: float
    best: float

    def ratchet(self, side: int, t: int, seen: float | None) -> None:
        """Move the level after bar t, never back; `seen` is the bar's best price, if it counts."""
        if self.rule.kind == "price":
            moved = self.rule.amount[t]
            if not (math.isfinite(moved) and moved > 0.0):
                return
        else:
            if seen is not None:
                self.best = max(self.best, seen) if side > 0 else min(self.best, seen)
            moved = _away(self.rule.kind, self.best, self.amount, -side)
        self.level = max(self.level, moved) if side > 0 else min(self.level, moved)


@dataclass(slots=True)
class Levels:
    """What guards one position."""

    side: int
    stop: float | None
    target: float | None
    trail: Trail | None

    def effective(self) -> tuple[float, Reason] | None:
        """Return the tighter of stop-loss and trailing level; equal, the stop-loss."""
        if self.trail is None:
            return None if self.stop is None else (self.stop, "stop_loss")
        if self.stop is not None and reaches(self.stop, self.trail.level, self.side):
            return self.stop, "stop_loss"
        return self.trail.level, "trailing_stop"

    def breached(self, price: float) -> bool:
        """Whether the market is at or beyond the stop or the target before the entry is made."""
        stop = self.effective()
        if stop is not None and reaches(price, stop[0], -self.side):
            return True
        return self.target is not None and reaches(price, self.target, self.side)

    def hit(self, bar: Bar, mode: Intrabar, tick_size: float) -> Hit | None:
        """Which level ends the position inside this bar, and at what market price."""
        stop, target, side = self.effective(), self.target, self.side
        if stop is not None and reaches(bar.open, stop[0], -side):
            return Hit(bar.open, stop[1], at_open=True, contested=False)
        if target is not None and reaches(bar.open, target, side):
            return Hit(bar.open, "take_profit", at_open=True, contested=False)
        if stop is not None and not reaches(bar.worst(side), stop[0], -side):
            stop = None
        if target is not None and not _through(bar.best(side), target, side, tick_size):
            target = None
        if target is not None and (stop is None or _target_first(mode, bar.open, stop[0], target)):
            return Hit(target, "take_profit", at_open=False, contested=stop is not None)
        if stop is not None:
            return Hit(stop[0], stop[1], at_open=False, contested=False)
        return None

    def ratchet(self, t: int, bar: Bar, entered: Moment | None) -> None:
        """Let the trailing stop follow bar t; `entered` is the moment of an entry on this bar."""
        if self.trail is None:
            return
        seen: float | None = bar.best(self.side)
        if entered == "inside":
            seen = bar.close  # the extreme may have come before the entry
        elif entered == "close":
            seen = None
        self.trail.ratchet(self.side, t, seen)


def levels_at(plan: Plan, signal_bar: int, fill: float, side: int) -> Levels | None:
    """Read the levels of an entry at a fill price, slippage included.

    `None` where one of them is missing or not positive at the signal bar.
    """
    stop = _price(plan.stop_loss, signal_bar, fill, -side)
    trailing = _price(plan.trailing_stop, signal_bar, fill, -side)
    target = _price(plan.take_profit, signal_bar, fill, side)
    if any(level is not None and math.isnan(level) for level in (stop, trailing, target)):
        return None
    trail = None
    if plan.trailing_stop is not None and trailing is not None:
        amount = plan.trailing_stop.amount[signal_bar]
        trail = Trail(plan.trailing_stop, amount, trailing, fill)
    return Levels(side, stop, target, trail)


def _price(rule: Level | None, signal_bar: int, fill: float, direction: int) -> float | None:
    """Return a level above (+1) or below (-1) a fill; `None` without a rule, NaN if not known."""
    if rule is None:
        return None
    amount = rule.amount[signal_bar]
    if not (math.isfinite(amount) and amount > 0.0):
        return math.nan
    return amount if rule.kind == "price" else _away(rule.kind, fill, amount, direction)


def _away(kind: str, price: float, amount: float, direction: int) -> float:
    if kind == "percent":
        return price * (1.0 + amount) if direction > 0 else price * (1.0 - amount)
    return price + amount if direction > 0 else price - amount


def _through(price: float, limit: float, side: int, tick_size: float) -> bool:
    """Whether a limit was traded through by more than a tick, going up (+1) or down (-1)."""
    return price > limit + tick_size if side > 0 else price < limit - tick_size


def _target_first(mode: Intrabar, opened: float, stop: float, target: float) -> bool:
    if mode == "nearest_first":
        return abs(opened - stop) > abs(target - opened)
    return mode == "target_first"
