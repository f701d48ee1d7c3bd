"""Metrics of a return series and of growth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hyprl_lab.metrics.moments import NOISE, Moments

if TYPE_CHECKING:
    from hyprl_lab.metrics.series import Equity, Returns

__all__ = [
    "annualised_volatility",
    "cagr",
    "pnl_per_10k",
    "sharpe",
    "sharpe_per_period",
    "sortino",
    "total_return",
]


def total_return(equity: Equity) -> float:
    """Return final equity over starting cash, minus 1 (a fraction).

    Examples
    --------
    >>> from hyprl_lab.metrics import Equity
    >>> total_return(Equity([100.0, 125.0], cash=100.0))
    0.25
    """
    return equity.final / equity.cash - 1.0


def pnl_per_10k(equity: Equity) -> float:
    """Return what 10,000 put in at the start would have gained or lost (money).

    Examples
    --------
    >>> from hyprl_lab.metrics import Equity
    >>> pnl_per_10k(Equity([100.0, 125.0], cash=100.0))
    2500.0
    """
    return 10_000.0 * (equity.final / equity.cash - 1.0)


def cagr(equity: Equity, *, years: float) -> float | None:
    """Return compound growth per year of elapsed time (a fraction).

    (E_end / cash)^(1/years) - 1, and -1 if nothing is left. Source: CFA Institute, Global
    Investment Performance Standards (2020), annualised since-inception return.

    Parameters
    ----------
    equity
        Money at each close.
    years
        Elapsed time ÷ 365.25 days. `None` is returned where it is not above 0, or so short
        that the growth is beyond float64.

    Examples
    --------
    >>> from hyprl_lab.metrics import Equity
    >>> round(cagr(Equity([121.0], cash=100.0), years=2.0), 12)
    0.1
    """
    if not years > 0.0:
        return None
    if equity.final / equity.cash <= 0.0:  # a share of it may be too small for a float
        return -1.0
    exponent = math.log(equity.final / equity.cash) / years
    if exponent > math.log(1.7e308):
        return None
    return float((equity.final / equity.cash) ** (1.0 / years)) - 1.0


def annualised_volatility(returns: Returns | Moments, *, periods_per_year: float) -> float | None:
    """Return the standard deviation (ddof=1) of returns, times √periods_per_year.

    `None` with fewer than two returns; 0 where returns do not vary.

    Examples
    --------
    >>> from hyprl_lab.metrics import Returns
    >>> round(annualised_volatility(Returns([0.01, -0.01]), periods_per_year=252.0), 6)
    0.224499
    """
    variance = _moments(returns).variance
    return None if variance is None else math.sqrt(variance * periods_per_year)


def sharpe_per_period(returns: Returns | Moments) -> float | None:
    """Return the Sharpe ratio of one period, mean / standard deviation (ddof=1).

    The risk-free rate is 0. `None` with fewer than two returns or where they do not vary.
    Source: Sharpe (1994), "The Sharpe Ratio", Journal of Portfolio Management 21(1).

    Examples
    --------
    >>> from hyprl_lab.metrics import Returns
    >>> round(sharpe_per_period(Returns([0.03, -0.01])), 6)
    0.353553
    """
    moments = _moments(returns)
    if moments.mean is None or not moments.variance:
        return None
    return moments.mean / math.sqrt(moments.variance)


def sharpe(returns: Returns | Moments, *, periods_per_year: float) -> float | None:
    """Return the annualised Sharpe ratio, `sharpe_per_period` · √periods_per_year.

    Examples
    --------
    >>> from hyprl_lab.metrics import Returns
    >>> round(sharpe(Returns([0.03, -0.01]), periods_per_year=252.0), 6)
    5.612486
    """
    ratio = sharpe_per_period(returns)
    return None if ratio is None else ratio * math.sqrt(periods_per_year)


def sortino(returns: Returns, *, periods_per_year: float) -> float | None:
    """Return the annualised Sortino ratio with a target of 0.

    mean / √(Σ min(r, 0)² / n) · √periods_per_year, over all n returns. `None` where the root is
    not above 1e-12: falls that small are rounding. Source: Sortino and Price (1994), "Performance
    Measurement in a Downside Risk Framework", Journal of Investing 3(3).

    Examples
    --------
    >>> from hyprl_lab.metrics import Returns
    >>> round(sortino(Returns([0.03, -0.01]), periods_per_year=252.0), 6)
    22.449944
    """
    downside = 0.0
    for value in returns.values.tolist():
        if value < 0.0:
            downside += value * value
    mean = Moments.of(returns).mean
    if mean is None:
        return None
    deviation = math.sqrt(downside / len(returns))
    return mean / deviation * math.sqrt(periods_per_year) if deviation > NOISE else None


def _moments(returns: Returns | Moments) -> Moments:
    return returns if isinstance(returns, Moments) else Moments.of(returns)
