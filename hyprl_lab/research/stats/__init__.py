"""Statistics that punish over-fitting: pure functions, arrays and numbers in, numbers out.

Sharpe ratios are per headline period, kurtosis is raw (normal = 3).
"""

from __future__ import annotations

from hyprl_lab.research.stats.bootstrap import optimal_block_length
from hyprl_lab.research.stats.combinatorial import CombinatorialSplits, combinatorial_splits
from hyprl_lab.research.stats.haircut import Haircut, haircut_sharpe
from hyprl_lab.research.stats.interval import Interval, wilson_interval
from hyprl_lab.research.stats.kelly import classic_kelly, kelly
from hyprl_lab.research.stats.length import minimum_backtest_length, minimum_track_record_length
from hyprl_lab.research.stats.moments import ReturnMoments, return_moments
from hyprl_lab.research.stats.monte_carlo import MonteCarlo, monte_carlo
from hyprl_lab.research.stats.multiple import (
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    holm,
)
from hyprl_lab.research.stats.overfitting import (
    BacktestOverfitting,
    overfitting_of_blocks,
    probability_of_backtest_overfitting,
)
from hyprl_lab.research.stats.permutation import permute_bars
from hyprl_lab.research.stats.predictive import (
    PredictiveTests,
    RealityCheck,
    SuperiorPredictiveAbility,
)
from hyprl_lab.research.stats.reality import reality_check, superior_predictive_ability
from hyprl_lab.research.stats.robustness import RobustnessScore, robustness_score
from hyprl_lab.research.stats.ruin import RiskOfRuin, barrier_ruin, gambler_ruin, risk_of_ruin
from hyprl_lab.research.stats.sharpe import (
    deflated_sharpe_ratio,
    expected_max_sharpe,
    probabilistic_sharpe_ratio,
    sharpe_variance,
)
from hyprl_lab.research.stats.step_down import RomanoWolf, romano_wolf

__all__ = [
    "BacktestOverfitting",
    "CombinatorialSplits",
    "Haircut",
    "Interval",
    "MonteCarlo",
    "PredictiveTests",
    "RealityCheck",
    "ReturnMoments",
    "RiskOfRuin",
    "RobustnessScore",
    "RomanoWolf",
    "SuperiorPredictiveAbility",
    "barrier_ruin",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "bonferroni",
    "classic_kelly",
    "combinatorial_splits",
    "deflated_sharpe_ratio",
    "expected_max_sharpe",
    "gambler_ruin",
    "haircut_sharpe",
    "holm",
    "kelly",
    "minimum_backtest_length",
    "minimum_track_record_length",
    "monte_carlo",
    "optimal_block_length",
    "overfitting_of_blocks",
    "permute_bars",
    "probabilistic_sharpe_ratio",
    "probability_of_backtest_overfitting",
    "reality_check",
    "return_moments",
    "risk_of_ruin",
    "robustness_score",
    "romano_wolf",
    "sharpe_variance",
    "superior_predictive_ability",
    "wilson_interval",
]
