"""Stored runs: submitted, found, compared, ranked, proved, computed again, explained (`hl.runs`).

import hyprl_lab as hl

run_hash = hl.backtest(bars, strategy, params=params).save()
hl.runs.find(symbol="SPY", where="sharpe > 1 and trades >= 30")
hl.runs.leaderboard(by="calmar")
hl.runs.reproduce(run_hash)
hl.runs.explain_diff(run_hash, other)
"""

from __future__ import annotations

from hyprl_lab.research.runs.bits import RunDifference
from hyprl_lab.research.runs.compare import compare
from hyprl_lab.research.runs.explain import Difference, explain_diff
from hyprl_lab.research.runs.find import find, get
from hyprl_lab.research.runs.leaderboard import leaderboard
from hyprl_lab.research.runs.past import events, verify
from hyprl_lab.research.runs.reproduce import Reproduction, reproduce
from hyprl_lab.research.runs.submit import submit

__all__ = [
    "Difference",
    "Reproduction",
    "RunDifference",
    "compare",
    "events",
    "explain_diff",
    "find",
    "get",
    "leaderboard",
    "reproduce",
    "submit",
    "verify",
]
