from __future__ import annotations

import pytest

from hyprl_lab.engine import AllIn, FixedFraction, RiskPct
from hyprl_lab.presets.measures import share_at_risk


@pytest.mark.parametrize(
    ("risk", "share"), [(AllIn(), 1.0), (FixedFraction(0.01), 0.01), (RiskPct(0.015), 0.015)]
)
def test_share_at_risk(risk: AllIn | FixedFraction | RiskPct, share: float) -> None:
    assert share_at_risk(risk) == share
