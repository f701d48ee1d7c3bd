"""The twin's sizing: how much an entry wants, and how much it may have (rule 9)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, assert_never

from hyprl_lab.engine.config import (
    AllIn,
    FixedFraction,
    FixedUnits,
    KellyFraction,
    RiskPct,
    VolatilityTarget,
)
from hyprl_lab.engine.reference_numbers import quotient
from hyprl_lab.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.engine.reference_graph import Plan
    from hyprl_lab.engine.simulation import SimulationInputs

__all__ = ["Sizer", "check_risk", "deviation", "kelly_root", "whole_lots"]

HALVINGS = 200
NEARLY_WHOLE = 1.0 + 1e-12


class Sizer:
    """The risk model of one run, its fees, its leverage and its lots."""

    def __init__(self, inputs: SimulationInputs) -> None:
        execution = inputs.execution
        self.risk = inputs.risk
        self.close = [float(price) for price in inputs.columns["close"]]
        self.bars_per_year = inputs.bars_per_year
        self.scale = execution.multiplier * execution.option_delta
        self.fee_rate = execution.fee_bps / 10_000.0
        self.fee_per_trade = execution.fee_per_trade
        self.leverage = execution.leverage
        self.lots = execution.lots
        whole = execution.whole_units or execution.lots is not None
        self.lot: float | None = 1.0 if whole else None
        if execution.lot_size is not None:
            self.lot = execution.lot_size

    def quantity(
        self,
        equity: float,
        fill: float,
        *,
        stop: float | None,
        signal_bar: int,
        returns: Sequence[float],
    ) -> float:
        """Units of a new position, in whole lots and within leverage; not above 0: none.

        Parameters
        ----------
        equity, fill
            Money, flat, and the fill price, slippage included.
        stop
            The first effective stop.
        signal_bar
            Volatility is that of the bars up to here.
        returns
            Of the trades closed so far, oldest first.
        """
        most = quotient(equity * self.leverage - self.fee_per_trade, self._unit(fill))
        if self.lots is not None:
            wanted = self.lots * (self.lot or 1.0)
        else:
            wanted = self._wanted(
                equity, fill, most, stop=stop, signal_bar=signal_bar, returns=returns
            )
        quantity = whole_lots(min(wanted, most), self.lot)
        return quantity if math.isfinite(quantity) else 0.0

    def room(self, equity: float, fill: float, held: float) -> float:
        """Units that leverage leaves beside what is held, in whole lots; it may be negative."""
        most = quotient(equity * self.leverage - self.fee_per_trade, self._unit(fill))
        return whole_lots(most - held, self.lot)

    def _unit(self, fill: float) -> float:
        return (fill * self.scale) * (1.0 + self.fee_rate)

    def _wanted(
        self,
        equity: float,
        fill: float,
        most: float,
        *,
        stop: float | None,
        signal_bar: int,
        returns: Sequence[float],
    ) -> float:
        share: float | None
        match self.risk:
            case AllIn():
                share = 1.0
            case FixedFraction(fraction=fraction):
                share = fraction
            case FixedUnits(units=units):
                return units
            case RiskPct(risk_pct=risk_pct):
                if stop is None:
                    raise ConfigError("RiskPct sizes by the stop, and this entry has none")
                return quotient(equity * risk_pct, abs(fill - stop) * self.scale)
            case VolatilityTarget(annual=annual, window=window):
                sigma = deviation(self.close, signal_bar, window)
                if sigma is None or not math.isfinite(sigma):
                    return 0.0
                share = annual / (sigma * math.sqrt(self.bars_per_year)) if sigma > 0.0 else None
            case KellyFraction(fraction=fraction, window=window, fallback=fallback):
                if len(returns) < window:
                    share = fallback
                else:
                    root = kelly_root(returns[-window:])
                    share = None if root is None else fraction * root
            case _:
                assert_never(self.risk)
        if share is None:
            return most
        return quotient(equity * share - self.fee_per_trade, self._unit(fill))


def check_risk(inputs: SimulationInputs, plan: Plan) -> None:
    """Refuse a risk model that this run can't follow.

    Raises
    ------
    ConfigError
        `RiskPct` without stop-loss and trailing stop, or `FixedFraction` above the leverage.
    """
    risk, leverage = inputs.risk, inputs.execution.leverage
    if isinstance(risk, RiskPct) and plan.stop_loss is None and plan.trailing_stop is None:
        raise ConfigError(
            "RiskPct sizes by the stop, and the strategy has none; give it a stop_loss or a "
            "trailing_stop"
        )
    if isinstance(risk, FixedFraction) and risk.fraction > leverage:
        raise ConfigError(
            f"FixedFraction fraction={risk.fraction} is above leverage={leverage}; raise leverage"
        )


def whole_lots(quantity: float, lot: float | None) -> float:
    """Round down to whole lots; as it is where there are none.

    Examples
    --------
    >>> whole_lots(2.75, 0.5), whole_lots(0.3 / 0.1, 1.0), whole_lots(2.75, None)
    (2.5, 3.0, 2.75)
    """
    if lot is None:
        return quantity
    lots = quantity / lot * NEARLY_WHOLE
    return (math.floor(lots) if math.isfinite(lots) else lots) * lot


def deviation(close: Sequence[float], last: int, window: int) -> float | None:
    """Sample deviation (ddof = 1) of the `window` returns up to bar `last`; `None` if fewer.

    Examples
    --------
    >>> round(deviation([100.0, 110.0, 99.0], 2, 2), 12)  # +10 %, -10 %
    0.141421356237
    >>> deviation([100.0, 110.0], 1, 2) is None
    True
    """
    if last - window < 0:
        return None
    returns = [close[t] / close[t - 1] - 1.0 for t in range(last - window + 1, last + 1)]
    total = 0.0
    for value in returns:
        total += value
    mean = total / window
    squares = 0.0
    for value in returns:
        squares += (value - mean) * (value - mean)
    return math.sqrt(squares / (window - 1))


def kelly_root(returns: Sequence[float]) -> float | None:
    """Return the fraction that maximises the mean of log(1 + K·R); `None` if no trade lost.

    Source: Kelly (1956), "A New Interpretation of Information Rate", Bell System Technical
    Journal 35(4); the derivative's root by bisection, as `docs/execution.md` pins it.

    Examples
    --------
    >>> round(kelly_root([1.0, -0.5]), 12)  # 1/(1 + K) = 0.5/(1 - 0.5·K)
    0.5
    >>> kelly_root([0.1, -0.2]), kelly_root([0.1, 0.0])
    (0.0, None)
    """
    worst = min((value for value in returns if not math.isnan(value)), default=math.inf)
    if worst >= 0.0:
        return None
    total = 0.0
    for value in returns:
        total += value
    if total <= 0.0:
        return 0.0
    low, high = 0.0, -1.0 / worst
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        if middle in {low, high}:
            break
        if _slope(returns, middle) > 0.0:
            low = middle
        else:
            high = middle
    return low


def _slope(returns: Sequence[float], fraction: float) -> float:
    total = 0.0
    for value in returns:
        wealth = 1.0 + fraction * value
        if wealth <= 0.0:
            return -math.inf
        total += value / wealth
    return total
