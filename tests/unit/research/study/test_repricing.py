"""Completed trials under two sets of costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.research.study import frames
from hyprl_lab.research.study.repricing import repriced

if TYPE_CHECKING:
    import pytest

    from hyprl_lab.research.study import Study


def test_ranges_are_put_together_in_order(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = repriced(study, {"fee_bps": 10.0})
    monkeypatch.setattr(frames, "_RANGE", 5)
    parts = repriced(study, {"fee_bps": 10.0})
    assert parts.index.tolist() == whole.index.tolist() == list(range(study.total))
    for name, values in whole.after.items():
        np.testing.assert_array_equal(parts.after[name], values)


def test_what_can_not_be_estimated_stays(study: Study) -> None:
    found = repriced(study, {"fee_bps": 10.0})
    np.testing.assert_array_equal(found.before["max_drawdown"], study.trials()["max_drawdown"])
    assert found.after["max_drawdown"] is found.before["max_drawdown"] or np.array_equal(
        found.after["max_drawdown"], found.before["max_drawdown"]
    )
    assert (found.after["sharpe"] < found.before["sharpe"]).all()
    assert found.reasons == ("AllIn sizes by equity, which costs change",)
    assert not found.exact.any()


def test_no_change_is_the_ledger_itself(study: Study) -> None:
    """Tolerance: equity is followed through the blocks to fourth order in the returns."""
    found = repriced(study, {"fee_bps": 0.0, "fee_per_trade": 0.0, "slippage_bps": 0.0})
    for name in ("total_return", "sharpe_per_period", "cagr", "edge_bps"):
        np.testing.assert_allclose(found.after[name], found.before[name], rtol=1e-6)
    np.testing.assert_allclose(found.after["sortino"], found.before["sortino"], rtol=1e-9)
