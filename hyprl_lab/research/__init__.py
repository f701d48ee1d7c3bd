"""Search, validation and the statistics behind them."""

from __future__ import annotations

from hyprl_lab.research import features, runs, stats, strategies
from hyprl_lab.research.recording import backtest
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.study import Study, Trial
from hyprl_lab.research.validation import Validation
from hyprl_lab.research.validator import validate
from hyprl_lab.research.walk_forward import WalkForward, walk_forward

__all__ = [
    "Study",
    "Trial",
    "Validation",
    "WalkForward",
    "backtest",
    "features",
    "runs",
    "stats",
    "strategies",
    "supersearch",
    "validate",
    "walk_forward",
]
