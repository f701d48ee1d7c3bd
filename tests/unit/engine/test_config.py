"""The defaults, written in one place, and the settings of a run that are no config of their own."""

from __future__ import annotations

import math
from typing import Any

import pytest

from hyprl_lab.engine import config
from hyprl_lab.engine.config import (
    DEFAULTS,
    SEMANTICS,
    Execution,
    checked_cash,
    checked_seed,
    defaults,
)
from hyprl_lab.errors import ConfigError


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
    assert "execution.fee_bps             0.0" in repr(defaults())
    html = defaults()._repr_html_()
    assert "<td>next_open</td>" in html
    assert html.count("<tr>") == repr(defaults()).count("\n") + 1


@pytest.mark.parametrize("seed", [-1, 2**53, True, 1.0, "7", None])
def test_a_seed_is_a_whole_number_that_json_keeps(seed: Any) -> None:
    with pytest.raises(ConfigError, match="seed"):
        checked_seed(seed)
    assert checked_seed(2**53 - 1) == 2**53 - 1


def test_the_settings_are_found_here_too() -> None:
    assert {"AllIn", "Execution", "Money", "Percent", "risk_from_json"} <= set(config.__all__)
    for name in config.__all__:
        assert hasattr(config, name)
