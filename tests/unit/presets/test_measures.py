from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import (
    AllIn,
    Execution,
    FixedFraction,
    FixedUnits,
    KellyFraction,
    Risk,
    RiskPct,
    VolatilityTarget,
)
from hyprl_lab.engine.backtest import run
from hyprl_lab.engine.risk import RISK_MODELS
from hyprl_lab.presets.measures import Measure, _risk_to_kelly, measure, share_at_risk
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.validation.subject import subject_of
from hyprl_lab.research.validation.validator import validate
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy import Strategy, close, stop
from hyprl_lab.strategy.builtin import dual_sma

PLAIN = Execution()

SHARES: list[tuple[Risk, float]] = [
    (AllIn(), 1.0),
    (FixedFraction(0.01), 0.01),
    (RiskPct(0.015), 0.015),
    (FixedUnits(5), 1.0),
    (VolatilityTarget(0.1, 20), 1.0),
    (KellyFraction(0.5, 20, 0.1), 1.0),
]


@pytest.mark.parametrize(("risk", "share"), SHARES)
def test_share_at_risk(risk: Risk, share: float) -> None:
    assert share_at_risk(risk, PLAIN) == share


def test_every_model_has_a_share() -> None:
    assert {type(risk) for risk, _ in SHARES} == set(RISK_MODELS.values())


@pytest.mark.parametrize(("risk", "share"), SHARES)
def test_lots_replace_the_model_and_put_in_what_leverage_allows(risk: Risk, share: float) -> None:
    del share
    assert share_at_risk(risk, Execution(lots=1)) == 1.0
    assert share_at_risk(risk, Execution(lots=1, lot_size=0.01, leverage=5)) == 5.0


@pytest.mark.parametrize(
    ("risk", "levered", "held_back"),
    [
        (AllIn(), 1.0, 0.5),
        (FixedFraction(2.5), 2.5, 0.5),
        (RiskPct(0.015), 0.015, 0.015),
        (RiskPct(0.8), 0.8, 0.5),
        (FixedUnits(5), 3.0, 0.5),
        (VolatilityTarget(0.1, 20), 3.0, 0.5),
        (KellyFraction(0.5, 20, 0.1), 3.0, 0.5),
    ],
)
def test_leverage_bounds_what_is_put_in(risk: Risk, levered: float, held_back: float) -> None:
    assert share_at_risk(risk, Execution(leverage=3)) == levered
    assert share_at_risk(risk, Execution(leverage=0.5)) == held_back


def test_no_trade_of_a_long_loses_more_than_its_share() -> None:
    """All but nothing is left of the price: what is lost over equity is what was put in."""
    rows = np.array([100.0, 110, 99, 100, 1e-9])
    prices = dict.fromkeys(("open", "high", "low", "close"), rows)
    bars = Bars("X", "1d", "24/7", np.arange(5) * 86_400_000_000, prices)
    bought = Strategy("b", long_entry=close == 99, stop_loss=stop.percent(0.99))
    for execution in (
        Execution(leverage=4, multiplier=7),
        Execution(leverage=4, lots=10**6),
        Execution(leverage=0.3, lot_size=0.5, lots=1000),
        Execution(leverage=2.5, multiplier=0.1, option_delta=0.4),
    ):
        for risk in (
            AllIn(),
            FixedFraction(0.2),
            FixedUnits(1e6),
            VolatilityTarget(10, 2),
            KellyFraction(0.5, 1, 1.0),
        ):
            result = run(bars, bought, risk=risk, execution=execution, engine="python")
            lost = -result.trades["pnl"].sum() / 10_000.0
            share = share_at_risk(risk, execution)
            assert 0.0 < lost <= share * (1.0 + 1e-12)
            if isinstance(risk, FixedUnits) or execution.lots is not None:
                assert lost == pytest.approx(share, rel=0.02)


def test_what_states_no_risk_per_trade_is_not_held_against_kelly() -> None:
    found = _risk_to_kelly(RiskPct(0.02), PLAIN, 0.16, "run")
    assert (found.value, found.reason) == (0.125, None)
    for risk, execution, kelly, words in (
        (RiskPct(0.02), Execution(lots=2), 0.16, "lots=2 sizes each entry"),
        (AllIn(), PLAIN, 0.16, "AllIn states no risk"),
        (RiskPct(0.02), PLAIN, None, "undefined"),
        (RiskPct(0.02), PLAIN, -0.1, "-0.1000"),
    ):
        found = _risk_to_kelly(risk, execution, kelly, "run")
        assert found.value is None
        assert words in str(found.reason)


def test_a_holdout_is_a_share_of_the_bars_to_the_percent(tmp_path: Path) -> None:
    def share(length: int, holdout: float) -> Measure:
        study = supersearch(
            load_bars("TEST").take(0, length), dual_sma(), {"fast": [2], "slow": [5]},
            holdout=holdout, warehouse=Warehouse(tmp_path), progress=False,
        )  # fmt: skip
        subject = subject_of(study)
        return measure("holdout_share", subject, validate(study, checks="psr"))

    assert share(500, 0.2).value == 0.2
    assert share(482, 0.2).value == 0.2  # 96 of 482 bars, as a fifth is 96.4
    assert share(500, 0.002).value == 0.0  # one bar
    assert share(500, 0.0).value == 0.0
