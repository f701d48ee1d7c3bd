"""Daily limits: the type says in what, in Python and in JSON."""

from __future__ import annotations

import math
from typing import Any

import pytest

from hyprl_lab.engine.daily_limit import Money, Percent, limit_from_json
from hyprl_lab.errors import ConfigError


def test_json_keeps_the_unit() -> None:
    assert Money(500).to_json() == {"money": 500.0}
    assert Percent(0.02).to_json() == {"percent": 0.02}
    for limit in (Money(500), Percent(0.02)):
        assert limit_from_json("daily_target", limit.to_json()) == limit
    assert limit_from_json("daily_target", None) is None
    assert Money(0.02) != Percent(0.02)


@pytest.mark.parametrize("value", [0, -1, math.nan, True, "5", None])
def test_neither_is_0_or_below(value: Any) -> None:
    with pytest.raises(ConfigError, match="Money amount"):
        Money(value)
    with pytest.raises(ConfigError, match="Percent fraction"):
        Percent(value)


def test_a_percent_is_a_fraction() -> None:
    with pytest.raises(ConfigError, match=r"0\.02 is 2 %"):
        Percent(2)


def test_money_has_a_bound() -> None:
    assert Money(1e15).amount == 1e15
    with pytest.raises(ConfigError, match=r"Money amount=1\.1e\+15; expected 0 < amount <= 1e\+15"):
        Money(1.1e15)


def test_a_number_is_told_both_units() -> None:
    for data in (5, {"dollars": 5}, {1: 2}, [[]]):
        with pytest.raises(ConfigError, match=r'\{"money": 500\}, \{"percent": 0\.02\} or null'):
            limit_from_json("daily_target", data)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [500, "500", {}, {"money": 1, "percent": 0.1}, {"dollars": 5}, {"money": "5"}, [5]],
)
def test_other_json_is_refused(data: Any) -> None:
    with pytest.raises(ConfigError, match=r"daily_loss_limit|Money amount"):
        limit_from_json("daily_loss_limit", data)
