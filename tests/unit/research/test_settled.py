"""A point taken apart: parameters of the strategy, and the settings it changes."""

from __future__ import annotations

import pytest

from hyprl_lab.engine import Execution, FixedFraction
from hyprl_lab.engine.config import AllIn
from hyprl_lab.errors import SpaceError
from hyprl_lab.research.settled import settled


def test_settings_go_where_they_belong() -> None:
    point = {"slow": 20, "risk.fraction": 0.25, "fast": 5, "execution.fee_bps": 3.0}
    found = settled(point, FixedFraction(1.0), Execution(slippage_bps=1.0))
    assert found.params == {"fast": 5.0, "slow": 20.0}
    assert found.risk == FixedFraction(0.25)
    assert found.execution == Execution(slippage_bps=1.0, fee_bps=3.0)


def test_without_settings_risk_and_execution_stay() -> None:
    risk, execution = AllIn(), Execution()
    found = settled({"n": 3}, risk, execution)
    assert found.risk is risk
    assert found.execution is execution


def test_a_setting_that_is_none_is_refused() -> None:
    with pytest.raises(SpaceError, match=r"risk\.fraction"):
        settled({"risk.fraction": 0.5}, AllIn(), Execution())
