"""The one place where a lower layer names a higher one."""

from __future__ import annotations

import pytest

from hyprl_lab.report import validation_figures
from hyprl_lab.research.supercalc import LedgerSink
from hyprl_lab.wiring import provided


def test_what_counts_is_the_ledger() -> None:
    assert provided("supercalc_sink") is LedgerSink


def test_a_validation_is_drawn_by_the_report() -> None:
    assert provided("validation_figures") is validation_figures


def test_nothing_else_is_provided() -> None:
    with pytest.raises(KeyError, match="elsewhere"):
        provided("elsewhere")
