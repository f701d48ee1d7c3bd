from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from hyprl_lab.engine.config import (
    DEFAULTS,
    SEMANTICS,
    AllIn,
    Execution,
    FixedFraction,
    RiskPct,
    checked_cash,
    defaults,
    risk_from_json,
)
from hyprl_lab.errors import ConfigError


@pytest.mark.parametrize("risk", [AllIn(), FixedFraction(0.25), RiskPct(0.02)])
def test_risk_survives_json(risk: Any) -> None:
    assert risk_from_json(json.loads(json.dumps(risk.to_json()))) == risk


@pytest.mark.parametrize("kind", [FixedFraction, RiskPct])
@pytest.mark.parametrize("share", [0.0, -0.1, 1.0001, math.nan, math.inf, True, "0.5", None])
def test_a_share_is_above_0_and_at_most_1(kind: Any, share: Any) -> None:
    with pytest.raises(ConfigError, match=kind.__name__):
        kind(share)


def test_shares_are_floats_whatever_number_came_in() -> None:
    assert FixedFraction(1) == FixedFraction(1.0)
    assert type(RiskPct(np.float32(0.5)).risk_pct) is float
    assert type(FixedFraction(np.int64(1)).fraction) is float


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"model": "martingale"},
        {"model": ["all_in"]},
        {"model": "all_in", "fraction": 0.5},
        {"model": "risk_pct"},
        {"model": "risk_pct", "risk_pct": 0.02, "stop": 1},
        {"model": "fixed_fraction", "risk_pct": 0.02},
        "all_in",
    ],
)
def test_unknown_risk_is_refused(data: Any) -> None:
    with pytest.raises(ConfigError):
        risk_from_json(data)


def test_execution_writes_every_default_out() -> None:
    assert Execution().to_json() == {
        "fee_bps": 0.0,
        "fee_per_trade": 0.0,
        "slippage_bps": 0.0,
        "fill": "next_open",
        "whole_units": False,
        "at_end": "close",
    }


def test_execution_survives_json() -> None:
    execution = Execution(
        fee_bps=10,
        fee_per_trade=1,
        slippage_bps=5,
        fill="same_close",
        whole_units=True,
        at_end="mark",
    )
    assert Execution.from_json(json.loads(json.dumps(execution.to_json()))) == execution
    assert Execution.from_json({"fee_bps": 3}) == Execution(fee_bps=3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fee_bps", -1),
        ("fee_bps", 10_000),
        ("fee_bps", True),
        ("fee_bps", math.nan),
        ("slippage_bps", math.inf),
        ("slippage_bps", "5"),
        ("slippage_bps", 10_000.0),
        ("fee_per_trade", -0.01),
        ("fee_per_trade", math.inf),
        ("fill", "next_close"),
        ("fill", None),
        ("whole_units", 1),
        ("at_end", "keep"),
    ],
)
def test_execution_names_what_is_wrong(name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=name):
        Execution(**{name: value})
    with pytest.raises(ConfigError, match=name):
        Execution.from_json({name: value})


def test_unknown_execution_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match="spread"):
        Execution.from_json({"spread": 1})


def test_execution_is_keyword_only_and_frozen() -> None:
    with pytest.raises(TypeError):
        Execution(10.0)  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        Execution().fee_bps = 1.0  # type: ignore[misc]


def test_minus_zero_is_zero() -> None:
    assert json.dumps(Execution(fee_bps=-0.0).to_json()["fee_bps"]) == "0.0"


@pytest.mark.parametrize("cash", [0.0, -1.0, math.nan, math.inf, False, "10"])
def test_cash_is_above_0(cash: Any) -> None:
    with pytest.raises(ConfigError, match="cash"):
        checked_cash(cash)


def test_defaults_are_those_of_the_design() -> None:
    assert defaults() == {
        "cash": 10_000.0,
        "risk": {"model": "all_in"},
        "execution": Execution().to_json(),
        "seed": 0,
        "ledger": "full",
        "risk_free": 0.0,
        "engine": "native",
        "semantics": 1,
    }
    assert DEFAULTS.semantics == SEMANTICS == 1


def test_defaults_can_be_changed_by_nobody_else() -> None:
    defaults()["cash"] = 1.0
    assert defaults()["cash"] == 10_000.0


def test_defaults_print_as_a_table() -> None:
    assert "execution.fee_bps        0.0" in repr(defaults())
    html = defaults()._repr_html_()
    assert "<td>next_open</td>" in html
    assert html.count("<tr>") == repr(defaults()).count("\n") + 1
