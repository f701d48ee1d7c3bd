"""Random bars, graphs, settings and strategies for the tests of both engines, and what they share.

`tests/conftest.py` puts this folder's parent on the path; no test file imports another.
"""

from __future__ import annotations

from engine_cases.agreement import assert_agree, assert_same_bits
from engine_cases.cases import Case, cases, inputs_of
from engine_cases.markets import Market
from engine_cases.rules import RULES, Counts

__all__ = [
    "RULES",
    "Case",
    "Counts",
    "Market",
    "assert_agree",
    "assert_same_bits",
    "cases",
    "inputs_of",
]
