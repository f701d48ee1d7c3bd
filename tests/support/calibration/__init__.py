"""Searches on markets whose truth is known, and what the gate says of them."""

from __future__ import annotations

from calibration.judged import Judged, judge
from calibration.many import judge_all
from calibration.markets import drifting_bars, hidden_drift
from calibration.searches import DRIFTS, Case, cases, run_search
from calibration.true_sharpe import TrueSharpe, true_sharpe

__all__ = [
    "DRIFTS",
    "Case",
    "Judged",
    "TrueSharpe",
    "cases",
    "drifting_bars",
    "hidden_drift",
    "judge",
    "judge_all",
    "run_search",
    "true_sharpe",
]
