"""Metrics as pure functions, and the frozen object that holds a run's."""

from __future__ import annotations

from hyprl_lab.metrics.by_period import PeriodMetrics, metrics_by_period
from hyprl_lab.metrics.drawdown import (
    Drawdowns,
    calmar,
    drawdowns,
    max_drawdown,
    max_drawdown_bars,
    max_drawdown_intrabar,
)
from hyprl_lab.metrics.kelly_criterion import TradeOutcomes, kelly, r_multiple, r_multiples
from hyprl_lab.metrics.moments import Moments
from hyprl_lab.metrics.returns import (
    annualised_volatility,
    cagr,
    pnl_per_10k,
    sharpe,
    sharpe_per_period,
    sortino,
    total_return,
)
from hyprl_lab.metrics.rolling import RollingMetrics, rolling_metrics
from hyprl_lab.metrics.series import Equity, Returns
from hyprl_lab.metrics.summary import TRIAL_METRICS, UNITS, Metrics
from hyprl_lab.metrics.trades import (
    average_trade_return,
    edge_bps,
    exposure,
    profit_factor,
    sqn,
    turnover,
    win_rate,
)

__all__ = [
    "TRIAL_METRICS",
    "UNITS",
    "Drawdowns",
    "Equity",
    "Metrics",
    "Moments",
    "PeriodMetrics",
    "Returns",
    "RollingMetrics",
    "TradeOutcomes",
    "annualised_volatility",
    "average_trade_return",
    "cagr",
    "calmar",
    "drawdowns",
    "edge_bps",
    "exposure",
    "kelly",
    "max_drawdown",
    "max_drawdown_bars",
    "max_drawdown_intrabar",
    "metrics_by_period",
    "pnl_per_10k",
    "profit_factor",
    "r_multiple",
    "r_multiples",
    "rolling_metrics",
    "sharpe",
    "sharpe_per_period",
    "sortino",
    "sqn",
    "total_return",
    "turnover",
    "win_rate",
]
