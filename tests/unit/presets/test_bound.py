"""Bounds on sizing and execution."""

from __future__ import annotations

from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.errors import InputError
from hyprl_lab.presets.bound import Bound


@pytest.mark.parametrize(
    ("bound", "execution", "said"),
    [
        ({"setting": "execution.fee_bps", "least": 1}, {"fee_bps": 1}, None),
        (
            {"setting": "execution.fee_bps", "least": 1},
            {"fee_bps": 0.5},
            "execution.fee_bps is 0.5, and has to be at least 1",
        ),
        ({"setting": "execution.leverage", "most": 2}, {"leverage": 2}, None),
        (
            {"setting": "execution.leverage", "least": 1, "most": 2},
            {"leverage": 3},
            "execution.leverage is 3, and has to be at least 1 and at most 2",
        ),
        (
            {"setting": "execution.fill", "is": "next_open"},
            {"fill": "same_close"},
            "execution.fill is 'same_close', and has to be 'next_open'",
        ),
        ({"setting": "execution.option_delta", "is": 1}, {}, None),
        ({"setting": "execution.intraday", "is": False}, {}, None),
        (
            {"setting": "execution.option_delta", "is": True},
            {},
            "execution.option_delta is 1, and has to be True",
        ),
        (
            {"setting": "execution.lots", "most": 3},
            {},
            "execution.lots is None, and has to be at most 3",
        ),
    ],
)
def test_what_keeps_it_and_what_breaks_it(
    bound: dict[str, Any], execution: dict[str, Any], said: str | None
) -> None:
    found = Bound.from_json(bound, "here")
    assert found.broken(hl.AllIn(), hl.Execution(**execution)) == said


@pytest.mark.parametrize(
    ("risk", "leverage", "kept"),
    [
        (hl.RiskPct(0.02), 1.0, True),
        (hl.RiskPct(0.021), 1.0, False),
        (hl.FixedFraction(0.02), 1.0, True),
        (hl.FixedUnits(1), 1.0, False),  # names no share: all that leverage allows
        (hl.FixedUnits(1), 0.01, True),
    ],
)
def test_risk_is_the_share_that_a_trade_can_lose(risk: Any, leverage: float, kept: bool) -> None:
    bound = Bound(setting="risk_pct", most=0.02)
    assert (bound.broken(risk, hl.Execution(leverage=leverage)) is None) == kept


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("fee", "expected a mapping"),
        ({"most": 1}, "misses"),
        ({"setting": "execution.fee", "most": 1}, "expected one of"),
        ({"setting": "execution.fee_bps"}, "expected least and most"),
        ({"setting": "execution.fee_bps", "most": 1, "is": 1}, "expected least and most"),
        ({"setting": "execution.fee_bps", "most": "1"}, "expected a number"),
        ({"setting": "execution.fee_bps", "most": 1, "odd": 1}, "unknown"),
    ],
)
def test_what_is_no_bound(data: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Bound.from_json(data, "here")
