from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from hyprl_lab.data import Bars
from hyprl_lab.engine import Execution, RiskPct
from hyprl_lab.engine.result import Result
from hyprl_lab.presets.gate import GateCheck, GateProfile
from hyprl_lab.presets.measures import COMPUTED, NOT_ASKED, OF_HOLDOUT, OF_LOOKS, Measure, measure
from hyprl_lab.presets.verdict import Verdict, judged, verdict_of
from hyprl_lab.research.recording import backtest
from hyprl_lab.research.validation import LedgerFacts, Validation, ValidationRow
from hyprl_lab.research.validation.settings import Settings
from hyprl_lab.research.validation.subject import Subject, subject_of
from hyprl_lab.strategy import Strategy, close, stop, ta

ROW = ValidationRow(name="deflated_sharpe_ratio", value=0.4, reading="words.")


@pytest.fixture
def result(small_bars: Bars) -> Result:
    strategy = Strategy(
        "trend",
        long_entry=ta.sma(close, 3).crosses_above(ta.sma(close, 9)),
        long_exit=ta.sma(close, 3).crosses_below(ta.sma(close, 9)),
        stop_loss=stop.percent(0.05),
    )
    return backtest(small_bars, strategy, params={}, risk=RiskPct(0.01), engine="python")


@pytest.fixture
def subject(result: Result) -> Subject:
    return subject_of(result)


@pytest.fixture
def validation(subject: Subject) -> Validation:
    return Validation(
        rows=(ROW,),
        subject=subject.identity,
        ledger=LedgerFacts(ledger_id="ledger", lineage_root="root", trials=7, sharpe_variance=0.01),
        settings={"checks": ["dsr"], "windows": 5, "resamples": 10, "seed": 3},
        moments=None,
        years=1.0,
        evidence={},
    )


def decided(checks: list[GateCheck], subject: Subject, validation: Validation) -> Verdict:
    rows = tuple(judged(each, measure(each.metric, subject, validation)) for each in checks)
    return verdict_of(
        "cross",
        rows,
        profile=GateProfile(name="own", description="words", checks=tuple(checks)),
        visibility="private",
        subject=subject,
        validation=validation,
    )


def check(metric: str, sign: str, threshold: float | str, *, required: bool = True) -> GateCheck:
    return GateCheck(
        name=metric,
        metric=metric,
        operator=sign,  # type: ignore[arg-type]
        threshold=threshold,
        required=required,
    )


def test_values_come_from_the_run(result: Result, subject: Subject, validation: Validation) -> None:
    expected = {
        "trades": result.metrics.trades,
        "profit_factor": result.metrics.profit_factor,
        "max_drawdown_intrabar": result.metrics.max_drawdown_intrabar,
        "sharpe": result.metrics.sharpe,
        "fill": "next_open",
        "at_end": "close",
        "ruined": False,
        "headline_returns": 299,
        "risk_pct": 0.01,
        "recorded": True,
        "ledger_complete": True,
        "deflated_sharpe_ratio": 0.4,
    }
    for metric, value in expected.items():
        assert measure(metric, subject, validation).value == value, metric


def test_every_measure_has_a_value_or_a_reason(subject: Subject, validation: Validation) -> None:
    for metric in COMPUTED - {*OF_HOLDOUT, *OF_LOOKS}:
        found = measure(metric, subject, validation)
        assert found.source
        if metric == "full_settings":  # it says what is short
            assert found.value is False
        else:
            assert (found.value is None) == (found.reason is not None), metric


def test_risk_against_kelly(result: Result, subject: Subject, validation: Validation) -> None:
    kelly = result.metrics.kelly
    found = measure("risk_to_kelly", subject, validation)
    if kelly is None or kelly <= 0.0:
        assert "Kelly" in str(found.reason)
    else:
        assert found.value == pytest.approx(0.01 / kelly, rel=1e-12)


def test_lots_are_not_bound_by_the_risk_model(result: Result, validation: Validation) -> None:
    subject = subject_of(replace(result, execution=Execution(lots=2, leverage=3)))
    assert measure("risk_pct", subject, validation).value == 3.0
    found = measure("risk_to_kelly", subject, validation)
    assert found.value is None
    assert "leave lots out" in str(found.reason)


def test_all_required_checks_must_hold(subject: Subject, validation: Validation) -> None:
    good, bad = check("trades", ">=", 1), check("deflated_sharpe_ratio", ">=", 0.95)
    assert decided([good], subject, validation).passed
    refused = decided([good, bad], subject, validation)
    assert not refused.passed
    assert refused.reasons == ("deflated_sharpe_ratio: 0.4 is not >= 0.95",)
    warned = decided([good, replace(bad, required=False)], subject, validation)
    assert warned.passed
    assert warned.warnings == refused.reasons


def test_what_the_validation_lacks_fails(subject: Subject, validation: Validation) -> None:
    verdict = decided([check("robustness_score", ">=", 0)], subject, validation)
    assert "covers ['dsr'] only" in str(verdict.checks[0].reason)
    assert not verdict.passed


def test_what_is_inconclusive_passes_and_says_so() -> None:
    asked = check("probability_of_backtest_overfitting", "<=", 0.2)
    found = Measure(value=0.6, source="validation x", inconclusive="all trials are alike")
    row = judged(asked, found)
    assert (row.passed, row.value, row.reason) == (True, 0.6, None)
    assert row.inconclusive == "all trials are alike"
    plain = judged(asked, replace(found, inconclusive=None))
    assert (plain.passed, plain.reason) == (False, "0.6 is not <= 0.2")
    good = judged(asked, replace(found, value=0.1))
    assert (good.passed, good.inconclusive) == (True, None)
    unknown = judged(asked, replace(found, value=None, reason="there is no search"))
    assert (unknown.passed, unknown.inconclusive) == (False, None)


def test_what_was_not_asked_does_not_pass_and_is_no_reason(
    subject: Subject, validation: Validation
) -> None:
    trades, ruin = check("trades", ">=", 100), check("risk_of_ruin_upper", "<=", 0.05)
    waiting = Measure(value=None, source=NOT_ASKED, reason="not asked: trades failed before it")
    rows = (judged(trades, Measure(value=3, source="run")), judged(ruin, waiting))
    profile = GateProfile(name="own", description="words", checks=(trades, ruin))
    verdict = verdict_of(
        "cross",
        rows,
        profile=profile,
        visibility="private",
        subject=subject,
        validation=validation,
    )
    assert [(row.passed, row.outcome) for row in rows] == [(False, "fail"), (False, "open")]
    assert not verdict.passed
    assert verdict.reasons == ("trades: 3 is not >= 100",)
    assert "  open  risk_of_ruin_upper " in str(verdict)
    assert "<td>open</td>" in verdict._repr_html_()


def test_fewer_resamples_or_a_chosen_seed_are_not_what_everyone_gets(
    subject: Subject, validation: Validation
) -> None:
    found = measure("full_settings", subject, validation)
    assert found.value is False
    assert "resamples is 10; expected at least 1000" in str(found.reason)
    assert "seed is 3; expected 0" in str(found.reason)
    full = replace(validation, settings={"checks": ["dsr"], **asdict(Settings(resamples=2000))})
    assert measure("full_settings", subject, full).value is True
    seeded = replace(validation, settings={"checks": ["dsr"], **asdict(Settings(windows=6))})
    assert measure("full_settings", subject, seeded).reason == "windows is 6; expected 5"


def test_an_uncounted_run_fails(result: Result, validation: Validation) -> None:
    subject = subject_of(replace(result, recorded=False))
    verdict = decided(
        [GateCheck(name="r", metric="recorded", operator="==", threshold=True)], subject, validation
    )
    assert "record=False" in verdict.reasons[0]


def test_an_empty_ledger_fails(subject: Subject, validation: Validation) -> None:
    empty = replace(validation, ledger=replace(validation.ledger, trials=0))
    found = measure("ledger_complete", subject, empty)
    assert (found.value, found.reason) == (False, "the ledger counts 0 of at least 1 trials")


def test_the_hash_covers_the_evidence(subject: Subject, validation: Validation) -> None:
    verdict = decided([check("trades", ">=", 1)], subject, validation)
    assert verdict.hash == decided([check("trades", ">=", 1)], subject, validation).hash
    assert verdict.hash != decided([check("trades", ">=", 2)], subject, validation).hash
    assert verdict.seeds == {"run": 0, "validation": 3}
    assert (verdict.trials, verdict.ledger_id) == (7, "ledger")


def test_it_is_escaped_in_html(result: Result, validation: Validation) -> None:
    subject = subject_of(replace(result, execution=Execution(fill="same_close")))
    verdict = decided([check("fill", "==", "<b>")], subject, validation)
    assert "<b>" not in verdict._repr_html_()
