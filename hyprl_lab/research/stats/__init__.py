"""Statistics that punish over-fitting: pure functions, numbers in, numbers out.

Sharpe ratios are per headline period, kurtosis is raw (normal = 3).
"""

from __future__ import annotations

from hyprl_lab.research.stats.interval import Interval, wilson_interval
from hyprl_lab.research.stats.length import minimum_backtest_length, minimum_track_record_length
from hyprl_lab.research.stats.moments import ReturnMoments, return_moments
from hyprl_lab.research.stats.sharpe import (
    deflated_sharpe_ratio,
    expected_max_sharpe,
    probabilistic_sharpe_ratio,
    sharpe_variance,
)

__all__ = [
    "Interval",
    "ReturnMoments",
    "deflated_sharpe_ratio",
    "expected_max_sharpe",
    "minimum_backtest_length",
    "minimum_track_record_length",
    "probabilistic_sharpe_ratio",
    "return_moments",
    "sharpe_variance",
    "wilson_interval",
]
