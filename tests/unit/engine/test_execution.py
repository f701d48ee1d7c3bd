"""Execution settings: every default, every range, and the JSON that the engines read."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from hyprl_lab.engine.daily_limit import Money, Percent
from hyprl_lab.engine.execution import Execution
from hyprl_lab.errors import ConfigError

EVERYTHING: dict[str, Any] = {
    "fee_bps": 10.0,
    "fee_per_trade": 1.0,
    "slippage_bps": 5.0,
    "spread_pct": 0.001,
    "participation_rate": 0.1,
    "unfilled": "cancel",
    "borrow_cost_bps": 300.0,
    "fill": "same_close",
    "intrabar": "nearest_first",
    "tick_size": 0.01,
    "reenter_same_bar": True,
    "whole_units": True,
    "lot_size": 5.0,
    "lots": 2,
    "multiplier": 50.0,
    "option_delta": 0.5,
    "leverage": 4.0,
    "intraday": True,
    "session_cutoff": "15:45",
    "daily_target": Money(500.0),
    "daily_loss_limit": Percent(0.02),
    "at_end": "mark",
}


def test_every_default_is_written_out() -> None:
    assert Execution().to_json() == {
        "fee_bps": 0.0,
        "fee_per_trade": 0.0,
        "slippage_bps": 0.0,
        "spread_pct": 0.0,
        "participation_rate": None,
        "unfilled": "carry",
        "borrow_cost_bps": 0.0,
        "fill": "next_open",
        "intrabar": "stop_first",
        "tick_size": 0.0,
        "reenter_same_bar": False,
        "whole_units": False,
        "lot_size": None,
        "lots": None,
        "multiplier": 1.0,
        "option_delta": 1.0,
        "leverage": 1.0,
        "intraday": False,
        "session_cutoff": None,
        "daily_target": None,
        "daily_loss_limit": None,
        "at_end": "close",
    }


def test_every_setting_survives_json() -> None:
    assert set(EVERYTHING) == {item.name for item in fields(Execution)}
    execution = Execution(**EVERYTHING)
    data = json.loads(json.dumps(execution.to_json()))
    assert data["daily_target"] == {"money": 500.0}
    assert data["daily_loss_limit"] == {"percent": 0.02}
    assert Execution.from_json(data) == execution
    assert hash(Execution.from_json(data)) == hash(execution)
    for name, value in EVERYTHING.items():
        assert getattr(execution, name) == value
        assert value != getattr(Execution(), name), name


def test_what_is_missing_in_json_takes_its_default() -> None:
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
        ("spread_pct", -0.1),
        ("spread_pct", 1.0),
        ("participation_rate", 0.0),
        ("participation_rate", 1.1),
        ("unfilled", "drop"),
        ("borrow_cost_bps", -1),
        ("fill", "next_close"),
        ("fill", None),
        ("intrabar", "best"),
        ("tick_size", -0.01),
        ("reenter_same_bar", 1),
        ("whole_units", 1),
        ("lot_size", 0),
        ("lot_size", math.nan),
        ("lots", 0),
        ("lots", 1.5),
        ("multiplier", 0),
        ("option_delta", 0),
        ("option_delta", 1.5),
        ("leverage", 0),
        ("leverage", 101),
        ("intraday", "yes"),
        ("session_cutoff", "25:00"),
        ("session_cutoff", "9:30"),
        ("session_cutoff", 930),
        ("daily_target", 500),
        ("daily_loss_limit", 0.02),
        ("daily_loss_limit", True),
        ("at_end", "keep"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=name):
        Execution(**{name: value})
    with pytest.raises(ConfigError, match=name):
        Execution.from_json({name: value})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"daily_target": 500}, r"hl\.Money\(500\) or hl\.Percent\(0\.02\)"),
        ({"option_delta": -0.4}, r"short side.*option_delta=0\.4"),
        ({"whole_units": True, "lot_size": 0.5}, "whole_units.*lot_size=0.5"),
        ({"session_cutoff": "15:45"}, "intraday=True"),
        ({"slippage_bps": 6_000, "spread_pct": 0.8}, "slippage_bps=6000 and spread_pct=0.8"),
    ],
)
def test_what_can_not_be_said_together_is_mended_in_words(
    settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        Execution(**settings)


def test_lots_of_whole_units_are_whole() -> None:
    assert Execution(whole_units=True, lot_size=5).lot_size == 5.0
    assert Execution(lots=2.0).to_json()["lots"] == 2
    assert Execution(lots=2).lot_size is None


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"spread.*spread_pct"):
        Execution.from_json({"spread": 1})


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("lot_size", 1e-9, 1e12),
        ("multiplier", 1e-9, 1e12),
        ("option_delta", 1e-6, 1.0),
        ("participation_rate", 1e-9, 1.0),
        ("tick_size", 0.0, 1e12),
        ("fee_per_trade", 0.0, 1e12),
        ("lots", 1, 1e12),
    ],
)
def test_bounds_are_let_through_and_what_is_beyond_is_named(
    name: str, least: float, most: float
) -> None:
    for value in (least, most):
        assert getattr(Execution(**{name: value}), name) == value
    for value in (least - 1e-3 if least == 0 else least / 2, most * 2):
        with pytest.raises(ConfigError, match=f"Execution {name}=.*[<>]="):
            Execution(**{name: value})


def test_what_json_never_holds_is_refused_in_few_words() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ConfigError, match="execution is a list of 1; expected a mapping"):
        Execution.from_json(deep)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"unknown settings \[1, 'a'\]; there are"):
        Execution.from_json({1: 2, "a": 3})  # type: ignore[dict-item]
    for item in fields(Execution):
        for value in (deep, 10**5000, {"a": deep}):
            with pytest.raises(ConfigError, match=item.name) as caught:
                Execution(**{"intraday": True, item.name: value})
            assert len(str(caught.value)) < 300


def test_it_is_keyword_only_and_frozen() -> None:
    with pytest.raises(TypeError):
        Execution(10.0)  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        Execution().fee_bps = 1.0  # type: ignore[misc]


def test_minus_zero_is_zero() -> None:
    assert json.dumps(Execution(fee_bps=-0.0).to_json()["fee_bps"]) == "0.0"


@pytest.mark.parametrize(
    ("settings", "lot"),
    [
        ({}, None),
        ({"whole_units": True}, 1.0),
        ({"lots": 3}, 1.0),
        ({"lot_size": 0.25}, 0.25),
        ({"lot_size": 0.25, "lots": 3}, 0.25),
        ({"lot_size": 100, "whole_units": True}, 100.0),
    ],
)
def test_the_step_of_quantities(settings: dict[str, Any], lot: float | None) -> None:
    assert Execution(**settings).lot == lot


def test_slippage_is_that_of_a_market_fill() -> None:
    assert Execution().slippage == 0.0
    assert Execution(slippage_bps=5, spread_pct=0.001).slippage == pytest.approx(0.001, rel=1e-12)


def test_what_a_point_is_worth() -> None:
    assert Execution().point_value == 1.0
    assert Execution(multiplier=100, option_delta=0.25).point_value == 25.0


def test_what_it_derives_is_not_a_setting() -> None:
    assert not {"slippage", "point_value", "lot", "approximate"} & set(Execution().to_json())


def test_what_it_says_of_itself() -> None:
    assert not Execution().approximate
    assert Execution(option_delta=0.5).approximate
    assert not Execution().by_session
    for settings in ({"intraday": True}, {"daily_target": Money(1)}):
        assert Execution(**settings).by_session
    assert Execution(daily_loss_limit=Percent(0.1)).by_session
