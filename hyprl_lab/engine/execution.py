"""Execution settings: how orders are filled, what they cost, when trading stops for the day."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, get_args

from hyprl_lab.engine.checks import (
    above_zero,
    choice,
    flag,
    mapping,
    number,
    whole,
    within,
)
from hyprl_lab.engine.daily_limit import DailyLimit, Money, Percent, limit_from_json
from hyprl_lab.errors import ConfigError
from hyprl_lab.strategy.wording import listed, shown
from hyprl_lab.types import AtEnd, Fill, Intrabar, Unfilled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = ["Execution"]

_CHOICES: Final = {
    "unfilled": get_args(Unfilled),
    "fill": get_args(Fill),
    "intrabar": get_args(Intrabar),
    "at_end": get_args(AtEnd),
}
_FLAGS: Final = ("reenter_same_bar", "whole_units", "intraday")
_LIMITS: Final = ("daily_target", "daily_loss_limit")
_LEAST: Final = 1e-9
_LEAST_DELTA: Final = 1e-6
_MOST: Final = 1e12
"""Beyond these a product of two settings with a price may leave float64."""
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How orders are filled and what they cost; each rule is told in `docs/execution.md`.

    Funding has no setting: it is charged wherever the bars have a `funding_rate` column (a
    fraction of the position's value at each bar; longs pay a positive one).

    Parameters
    ----------
    fee_bps
        Fee of a fill, in basis points of its notional, 0 ≤ fee_bps < 10,000.
    fee_per_trade
        Fee of a fill in money, 0 ≤ fee_per_trade ≤ 1e12.
    slippage_bps
        Market and stop fills are worse by this share of the price, 0 ≤ slippage_bps < 10,000.
    spread_pct
        Bid-ask spread as a fraction of the price (0.001 = 0.1 %), 0 ≤ spread_pct < 1; market and
        stop fills pay half of it. Slippage and half the spread stay below the price together.
    participation_rate
        Fills of a bar take at most this share of its volume, 1e-9 ≤ rate ≤ 1; `None` is no limit.
        Needs a `volume` column.
    unfilled
        What becomes of the rest: `"carry"` tries it again at the next opens, `"cancel"` drops it.
    borrow_cost_bps
        Yearly cost of a short in basis points of its value, ≥ 0, by the second, year of 360 days.
    fill
        `"next_open"`, or `"same_close"`: at the close that gave the signal (not promotable).
    intrabar
        Where a bar reaches stop and target: `"stop_first"`, `"target_first"` or
        `"nearest_first"` (the one nearer to the open). Only `"stop_first"` is promotable.
    tick_size
        Limits and targets are to be traded through by more than this price distance, from 0 to
        1e12.
    reenter_same_bar
        Whether a bar of an intrabar exit may be entered again.
    whole_units
        Round quantities down to whole units.
    lot_size
        Quantities are whole multiples of it, 1e-9 ≤ lot_size ≤ 1e12; `None` is 1 with
        `whole_units` or `lots`, else no step at all.
    lots
        Lots of each entry, a whole number from 1 to 1e12, whatever the risk model says; without
        `lot_size` a lot is 1 unit, and quantities step by 1. Leverage still binds: what it cuts
        off is cut to whole lots. `None` leaves the size to the model.
    multiplier
        Money per point of price and unit, 1e-9 ≤ multiplier ≤ 1e12.
    option_delta
        Units of the underlying that stand for one option, 1e-6 ≤ delta ≤ 1. Other than 1 makes
        the result approximate (not promotable).
    leverage
        Notional at a fill is at most this many times equity, 0 < leverage ≤ 100.
    intraday
        Close positions by the end of each session. Needs bars shorter than a day.
    session_cutoff
        With `intraday`: the local time of the calendar, `"HH:MM"`, from which on nothing is held;
        `None` is the session's last bar.
    daily_target, daily_loss_limit
        `hl.Money(500)` or `hl.Percent(0.02)` of the session's first equity; once gained or lost
        the position closes and nothing is entered before the next session. `None` is no limit.
        Need bars shorter than a day.
    at_end
        `"close"` sells what is open at the last close; `"mark"` leaves it open and uncharged.

    Raises
    ------
    ConfigError
        A setting is of the wrong type or out of range; the message names it.

    Examples
    --------
    >>> Execution(fee_bps=10).fee_bps
    10.0
    >>> Execution.from_json(Execution(fee_bps=10).to_json()) == Execution(fee_bps=10)
    True
    """

    fee_bps: float = 0.0
    fee_per_trade: float = 0.0
    slippage_bps: float = 0.0
    spread_pct: float = 0.0
    participation_rate: float | None = None
    unfilled: Unfilled = "carry"
    borrow_cost_bps: float = 0.0
    fill: Fill = "next_open"
    intrabar: Intrabar = "stop_first"
    tick_size: float = 0.0
    reenter_same_bar: bool = False
    whole_units: bool = False
    lot_size: float | None = None
    lots: int | None = None
    multiplier: float = 1.0
    option_delta: float = 1.0
    leverage: float = 1.0
    intraday: bool = False
    session_cutoff: str | None = None
    daily_target: DailyLimit | None = None
    daily_loss_limit: DailyLimit | None = None
    at_end: AtEnd = "close"

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            choice("Execution", name, getattr(self, name), allowed)
        for name in _FLAGS:
            flag("Execution", name, getattr(self, name))
        for name in ("fee_bps", "slippage_bps"):
            _below(self, name, 10_000.0)
        _below(self, "spread_pct", 1.0)
        for name in ("fee_per_trade", "tick_size"):
            value = number("Execution", name, getattr(self, name), least=0.0, most=_MOST)
            _set(self, name, value)
        cost = number("Execution", "borrow_cost_bps", self.borrow_cost_bps, least=0.0)
        _set(self, "borrow_cost_bps", cost)
        _set(self, "multiplier", within("Execution", "multiplier", self.multiplier, _LEAST, _MOST))
        _set(self, "leverage", above_zero("Execution", "leverage", self.leverage, most=100.0))
        _set(self, "option_delta", _delta(self.option_delta))
        if self.participation_rate is not None:
            rate = within("Execution", "participation_rate", self.participation_rate, _LEAST, 1.0)
            _set(self, "participation_rate", rate)
        if self.lot_size is not None:
            _set(self, "lot_size", within("Execution", "lot_size", self.lot_size, _LEAST, _MOST))
        if self.lots is not None:
            _set(self, "lots", whole("Execution", "lots", self.lots, least=1, most=int(_MOST)))
        for name in _LIMITS:
            _check_limit(name, getattr(self, name))
        self._check_together()

    def _check_together(self) -> None:
        if self.slippage >= 1.0:
            raise ConfigError(
                f"Execution slippage_bps={self.slippage_bps:g} and spread_pct={self.spread_pct:g} "
                "take the whole price; expected slippage_bps/10,000 + spread_pct/2 < 1"
            )
        if self.whole_units and self.lot_size is not None and not self.lot_size.is_integer():
            raise ConfigError(
                f"Execution whole_units=True with lot_size={self.lot_size:g}; a lot of whole "
                "units is a whole number: leave one of the two out"
            )
        if self.session_cutoff is not None:
            cutoff = self.session_cutoff
            if not isinstance(cutoff, str) or _TIME.fullmatch(cutoff) is None:
                raise ConfigError(
                    f"Execution session_cutoff={shown(cutoff)}; expected a local time 'HH:MM', "
                    "such as '15:45'"
                )
            if not self.intraday:
                raise ConfigError(
                    f"Execution session_cutoff={cutoff!r} says when intraday positions close; "
                    "set intraday=True, or leave it out"
                )

    @property
    def slippage(self) -> float:
        """Share of the price that market and stop fills are worse by: slippage, half the spread."""
        return self.slippage_bps / 10_000.0 + self.spread_pct / 2.0

    @property
    def point_value(self) -> float:
        """Money that one unit gains when its price rises by 1: multiplier times option delta."""
        return self.multiplier * self.option_delta

    @property
    def lot(self) -> float | None:
        """Step of quantities, in units: `lot_size`, or 1 with `whole_units` or `lots`, or none.

        Examples
        --------
        >>> Execution(lot_size=0.5).lot, Execution(lots=3).lot, Execution().lot
        (0.5, 1.0, None)
        """
        if self.lot_size is not None:
            return self.lot_size
        return 1.0 if self.whole_units or self.lots is not None else None

    @property
    def approximate(self) -> bool:
        """Whether prices stand in for those of an option (`option_delta` other than 1)."""
        return self.option_delta != 1.0

    @property
    def by_session(self) -> bool:
        """Whether a rule asks which session a bar belongs to."""
        return self.intraday or self.daily_target is not None or self.daily_loss_limit is not None

    def to_json(self) -> dict[str, JsonValue]:
        """Return every setting, the defaults too."""
        settings: dict[str, JsonValue] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            settings[item.name] = value.to_json() if isinstance(value, Money | Percent) else value
        return settings

    @classmethod
    def from_json(cls, data: Mapping[str, JsonValue]) -> Execution:
        """Read settings back; what is missing takes its default, an unknown key is refused."""
        settings = mapping("execution", data)
        known = [item.name for item in fields(cls)]
        unknown = [name for name in settings if name not in known]
        if unknown:
            raise ConfigError(
                f"execution has unknown settings {listed(unknown)}; there are {known}"
            )
        limits = {
            name: limit_from_json(name, settings.pop(name)) for name in _LIMITS if name in settings
        }
        return cls(**settings, **limits)  # type: ignore[arg-type]  # __post_init__ checks each


def _delta(value: object) -> float:
    found = number("Execution", "option_delta", value)
    if found < 0.0:
        raise ConfigError(
            f"Execution option_delta={found:g}; a put is traded from the short side with the "
            f"absolute value: option_delta={-found:g}"
        )
    return within("Execution", "option_delta", found, _LEAST_DELTA, 1.0)


def _below(execution: Execution, name: str, limit: float) -> None:
    value = number("Execution", name, getattr(execution, name))
    if not 0.0 <= value < limit:
        raise ConfigError(f"Execution {name}={value:g}; expected 0 <= {name} < {limit:,g}")
    _set(execution, name, value)


def _check_limit(name: str, value: object) -> None:
    if value is not None and not isinstance(value, Money | Percent):
        raise ConfigError(
            f"Execution {name}={shown(value)}; say hl.Money(500) or hl.Percent(0.02), or None"
        )


def _set(execution: Execution, name: str, value: float) -> None:
    object.__setattr__(execution, name, value)  # how a frozen dataclass normalises a field
