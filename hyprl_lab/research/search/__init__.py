"""The supersearch: every point of a space evaluated natively, every trial in the ledger."""

from __future__ import annotations

from hyprl_lab.research.search.again import search_again
from hyprl_lab.research.search.evaluated import Evaluated
from hyprl_lab.research.search.evaluator import Evaluator, LocalEvaluator, Promise
from hyprl_lab.research.search.halving import Halving
from hyprl_lab.research.search.job import Job
from hyprl_lab.research.search.options import Options
from hyprl_lab.research.search.supersearch import supersearch

__all__ = [
    "Evaluated",
    "Evaluator",
    "Halving",
    "Job",
    "LocalEvaluator",
    "Options",
    "Promise",
    "search_again",
    "supersearch",
]
