"""Search, validation and the statistics behind them."""

from __future__ import annotations

from hyprl_lab.research import features, runs, stats, strategies
from hyprl_lab.research.null import SearchNull, search_null, walk_forward_null
from hyprl_lab.research.recording import backtest
from hyprl_lab.research.search import Halving, supersearch
from hyprl_lab.research.space import choice, floats, ints
from hyprl_lab.research.study import Study, StudyGroup, Trial
from hyprl_lab.research.validation.validation import Validation
from hyprl_lab.research.validation.validator import validate
from hyprl_lab.research.walk_forward import WalkForward, walk_forward

__all__ = [
    "Halving",
    "SearchNull",
    "Study",
    "StudyGroup",
    "Trial",
    "Validation",
    "WalkForward",
    "backtest",
    "choice",
    "features",
    "floats",
    "ints",
    "runs",
    "search_null",
    "stats",
    "strategies",
    "supersearch",
    "validate",
    "walk_forward",
    "walk_forward_null",
]
