"""Risk models: their ranges, and that JSON brings back the same model."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from hyprl_lab.engine.risk import (
    RISK_MODELS,
    AllIn,
    FixedFraction,
    FixedUnits,
    KellyFraction,
    Risk,
    RiskPct,
    VolatilityTarget,
    risk_from_json,
)
from hyprl_lab.errors import ConfigError

MODELS: list[tuple[Risk, dict[str, Any]]] = [
    (AllIn(), {"model": "all_in"}),
    (FixedFraction(0.25), {"model": "fixed_fraction", "fraction": 0.25}),
    (FixedUnits(100), {"model": "fixed_units", "units": 100.0}),
    (RiskPct(0.02), {"model": "risk_pct", "risk_pct": 0.02}),
    (
        VolatilityTarget(0.15, 20),
        {"model": "volatility_target", "annual": 0.15, "window": 20},
    ),
    (
        KellyFraction(0.5, window=50, fallback=0.1),
        {"model": "kelly_fraction", "fraction": 0.5, "window": 50, "fallback": 0.1},
    ),
]


@pytest.mark.parametrize(("risk", "data"), MODELS)
def test_the_json_form_is_the_engines_and_survives(risk: Risk, data: dict[str, Any]) -> None:
    assert risk.to_json() == data
    assert risk_from_json(json.loads(json.dumps(risk.to_json()))) == risk
    assert hash(risk_from_json(data)) == hash(risk)


def test_every_model_is_known_by_its_name() -> None:
    assert sorted(RISK_MODELS) == sorted(data["model"] for _, data in MODELS)


@pytest.mark.parametrize("kind", [RiskPct, lambda x: KellyFraction(x, 5, 0.1)])
@pytest.mark.parametrize("value", [0.0, -0.1, 1.0001, math.nan, math.inf, True, "0.5", None])
def test_a_share_is_above_0_and_at_most_1(kind: Any, value: Any) -> None:
    with pytest.raises(ConfigError, match=r"risk_pct|fraction"):
        kind(value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: FixedFraction(0), "FixedFraction fraction"),
        (lambda: FixedFraction(100.5), "fraction <= 100"),
        (lambda: FixedFraction("1"), "FixedFraction fraction"),
        (lambda: FixedUnits(0), "FixedUnits units"),
        (lambda: FixedUnits(math.inf), "FixedUnits units"),
        (lambda: VolatilityTarget(0, 20), "VolatilityTarget annual"),
        (lambda: VolatilityTarget(15, 20), "VolatilityTarget annual"),
        (lambda: VolatilityTarget(0.15, 1), "VolatilityTarget window=1.*>= 2"),
        (lambda: VolatilityTarget(0.15, 20.5), "VolatilityTarget window"),
        (lambda: KellyFraction(0.5, 0, 0.1), "KellyFraction window=0.*>= 1"),
        (lambda: FixedUnits(1.1e15), r"FixedUnits units=1\.1e\+15; expected 0 < units <= 1e\+15"),
        (lambda: VolatilityTarget(0.15, 1_000_001), "window=1000001.*<= 1,000,000"),
        (lambda: KellyFraction(0.5, 10_001, 0.1), "window=10001.*<= 10,000"),
        (lambda: VolatilityTarget(0.1, 10**5000), "window=an integer of 16610 bits"),
        (lambda: KellyFraction(0.5, 5, 0.0), "KellyFraction fallback"),
        (lambda: KellyFraction(0.5, 5, 1.5), "KellyFraction fallback"),
    ],
)
def test_ranges_are_named(make: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        make()


def test_numbers_are_normalised_whatever_kind_came_in() -> None:
    assert FixedFraction(1) == FixedFraction(1.0)
    assert type(RiskPct(np.float32(0.5)).risk_pct) is float
    assert type(VolatilityTarget(1, np.int64(5)).window) is int
    assert VolatilityTarget(1, 5.0) == VolatilityTarget(1.0, 5)


def test_bounds_are_let_through() -> None:
    assert FixedUnits(1e15).units == 1e15
    assert VolatilityTarget(0.15, 1_000_000).window == 1_000_000
    assert KellyFraction(0.5, 10_000, 0.1).window == 10_000


def test_what_json_never_holds_is_refused_in_few_words() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for data in (
        deep,
        {"model": deep},
        {"model": 10**5000},
        {"model": "risk_pct", "risk_pct": deep},
        {"model": "risk_pct", "risk_pct": 10**5000},
        {"model": "all_in", 1: 2, "a": 3},
        {"model": "all_in", "x" * 9_999: deep},
        {"model": "all_in", **{f"x{at}": 1 for at in range(9_999)}},
    ):
        with pytest.raises(ConfigError) as caught:
            risk_from_json(data)  # type: ignore[arg-type]
        assert len(str(caught.value)) < 300


def test_models_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        RiskPct(0.01).risk_pct = 1.0  # type: ignore[misc]


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
        {"model": "kelly_fraction", "fraction": 0.5, "window": 5},
        "all_in",
    ],
)
def test_unknown_risk_is_refused(data: Any) -> None:
    with pytest.raises(ConfigError):
        risk_from_json(data)
