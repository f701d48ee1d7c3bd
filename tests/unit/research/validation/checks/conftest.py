from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import pytest

from hyprl_lab.data import Bars
from hyprl_lab.engine import run
from hyprl_lab.research.stats import ReturnMoments
from hyprl_lab.research.validation import LedgerFacts, ValidationRow
from hyprl_lab.research.validation.asking import Asking
from hyprl_lab.research.validation.checks import check_named
from hyprl_lab.research.validation.subject import subject_of
from hyprl_lab.strategy.builtin import dual_sma

MOMENTS = ReturnMoments(n=1000, sharpe=0.05, skew=0.0, kurtosis=3.0)
LEDGER = LedgerFacts(ledger_id="id", lineage_root="root", trials=4851, sharpe_variance=0.0004)

Read: TypeAlias = Callable[..., dict[str, ValidationRow]]


@pytest.fixture
def read(small_bars: Bars) -> Read:
    """Read a check of a run of four years, whose moments, ledger and evidence are said."""
    made = subject_of(run(small_bars, dual_sma(), params={"fast": 3, "slow": 9}, engine="python"))
    subject = replace(made, years=4.0, periods_per_year=250.0)

    def rows(
        check: str,
        moments: ReturnMoments | None = MOMENTS,
        ledger: LedgerFacts = LEDGER,
        found: object = None,
    ) -> dict[str, ValidationRow]:
        asking = Asking(subject=subject)
        asking.__dict__["moments"] = moments
        asking._ledger = ledger
        return {row.name: row for row in check_named(check).read(asking, found)}

    return rows


@pytest.fixture
def moments() -> ReturnMoments:
    return MOMENTS


@pytest.fixture
def ledger() -> LedgerFacts:
    return LEDGER
