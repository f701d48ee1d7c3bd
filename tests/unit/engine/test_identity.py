"""A run's config and hash are known before it is computed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import rfc8785

from hyprl_lab.engine import DEFAULTS, Execution, FixedFraction, Period, run
from hyprl_lab.engine.identity import SCHEMA, run_config, run_hash
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from hyprl_lab.data import Bars


def test_config_and_hash_are_those_of_the_result(small_bars: Bars) -> None:
    risk, execution = FixedFraction(0.5), Execution(fee_bps=3.0)
    result = run(
        small_bars, dual_sma(), params={"fast": 5, "slow": 20}, risk=risk, execution=execution,
        cash=500, seed=7, period=("2020-02-01", "2020-06-01"), periods_per_year=365,
    )  # fmt: skip
    window = Period.of(("2020-02-01", "2020-06-01")).window(small_bars)
    config = run_config(
        small_bars, dual_sma(), params={"fast": 5.0, "slow": 20.0}, risk=risk,
        execution=execution, cash=500.0, seed=7, period=window.period(small_bars),
        periods_per_year=365.0,
    )  # fmt: skip
    assert config == result.config
    assert run_hash(config, dual_sma(), small_bars.fingerprint) == result.run_hash


def test_the_hash_is_over_canonical_json_of_config_bars_and_rules() -> None:
    strategy = dual_sma()
    config = {"cash": 1.5, "strategy": strategy.to_json()}
    told = {
        "config": {"cash": 1.5, "strategy": strategy.canonical()},
        "fingerprint": "f",
        "semantics": DEFAULTS.semantics,
        "schema": SCHEMA,
    }
    expected = hashlib.sha256(rfc8785.dumps(json.loads(json.dumps(told)))).hexdigest()
    assert run_hash(config, strategy, "f") == expected
    assert run_hash(config, strategy, "g") != expected
