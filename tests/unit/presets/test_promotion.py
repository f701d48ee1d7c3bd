from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import hyprl_lab.strategy as st
from hyprl_lab.data import load_bars
from hyprl_lab.engine import AllIn, Execution, FixedFraction, RiskPct, run
from hyprl_lab.errors import ConfigError, InputError
from hyprl_lab.presets import Verdict, get, promote, promoted, verify
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.study import Study
from hyprl_lab.research.validation import Validation
from hyprl_lab.research.validator import validate
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

SPACE = {"fast": [2, 3], "slow": [5, 6]}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path))
    return tmp_path


def search(place: Path, **settings: object) -> Study:
    arguments = {"constraints": ["trades >= 30"], "warehouse": Warehouse(place)} | settings
    return supersearch(load_bars("TEST"), dual_sma(), SPACE, **arguments)  # type: ignore[arg-type]


def quick(study: Study) -> Validation:
    return validate(study, windows=2, resamples=50)


def rows(verdict: Verdict) -> dict[str, bool]:
    return {row.name: row.passed for row in verdict.checks}


def test_demo_promotes_and_the_preset_says_it_is_only_demo(place: Path) -> None:
    study = search(place)
    verdict = promote(study, name="cross", profile="demo", validation=quick(study))
    assert verdict.passed, str(verdict)
    assert verdict.preset is not None
    found = get("cross")
    assert [preset.name for preset in promoted()] == ["cross"]
    assert verify("cross").path == verdict.preset.path == place / "presets" / "cross.v1.yaml"
    assert (found.profile, found.visibility, found.version) == ("demo", "private", 1)
    assert study.best is not None
    assert found.params == study.best.params
    assert found.strategy.hash == study.strategy.hash
    assert (found.risk, found.execution) == (study.risk, study.execution)
    assert found.config["dataset"] == "TEST"
    assert found.config["periods_per_year"] == study.bars.periods_per_year
    assert found.oos_start == study.holdout_start
    assert found.evidence["oos_from"] == "holdout"
    assert found.evidence["verdict"]["trials"] == 4
    again = run(
        study.search_bars,
        found.strategy,
        params=found.params,
        risk=found.risk,
        execution=found.execution,
        cash=found.config["cash"],
    )
    assert again.run_hash == found.run_hash == verdict.run_hash


def test_promoting_again_is_the_same_version(place: Path) -> None:
    study = search(place)
    first = promote(study, name="cross", profile="demo", validation=quick(study))
    again = promote(search(place), name="cross", profile="demo", validation=quick(study))
    assert first.preset is not None
    assert again.preset is not None
    assert again.preset.version == first.preset.version == 1
    assert again.to_dict() == first.to_dict()


def test_without_a_validation_it_asks_for_one(place: Path) -> None:
    verdict = promote(search(place), name="cross", profile="demo")
    assert verdict.passed
    assert verdict.preset is not None
    assert verdict.preset.evidence["validation"]["settings"]["resamples"] == 1000


def test_strict_refuses_and_names_each_check_that_is_not_computed(place: Path) -> None:
    study = search(place)
    verdict = promote(study, name="cross", validation=quick(study))
    assert (verdict.profile, verdict.passed, verdict.preset) == ("strict", False, None)
    assert promoted() == []
    missing = {row.metric for row in verdict.checks if row.reason == "not computed yet"}
    assert missing == {
        "spa_p_value",
        "permutation_p_value",
        "walk_forward_permutation_p_value",
        "probability_of_backtest_overfitting",
        "cpcv_sharpe_5",
        "stressed_profit_factor",
        "risk_of_ruin_upper",
        "robustness_score",
        "holdout_sharpe",
        "holdout_sharpe_ratio",
    }
    assert rows(verdict)["holdout_reserved"]
    assert not rows(verdict)["risk_pct"]  # all in
    assert len(verdict.reasons) == sum(not row.passed and row.required for row in verdict.checks)


def test_every_verdict_is_stored(place: Path) -> None:
    study = search(place)
    evidence = quick(study)
    verdicts = [
        promote(study, name="cross", profile=profile, validation=evidence)
        for profile in ("strict", "demo")
    ]
    stored = Warehouse(place).sql("select profile, passed from verdicts order by profile")
    assert stored["profile"].tolist() == ["demo", "strict"]
    assert stored["passed"].astype(bool).tolist() == [True, False]
    assert all(json.dumps(verdict.to_dict(), allow_nan=False) for verdict in verdicts)


def test_a_same_close_fill_is_refused_by_every_profile(place: Path) -> None:
    study = search(place, execution=Execution(fill="same_close"))
    evidence = quick(study)
    for profile in ("demo", "research", "strict"):
        verdict = promote(study, name="cross", profile=profile, validation=evidence)
        assert not verdict.passed
        row = next(row for row in verdict.checks if row.name == "fill")
        assert (row.value, row.passed) == ("same_close", False)
        assert row.reason == "same_close is not == next_open"


def test_a_study_that_searched_all_bars_fails_strict_for_it(place: Path) -> None:
    study = search(place, holdout=0.0)
    verdict = promote(study, name="cross", validation=quick(study))
    row = next(row for row in verdict.checks if row.name == "holdout_reserved")
    assert (row.value, row.passed, row.required) == (False, False, True)
    demo = promote(study, name="cross", profile="demo", validation=quick(study))
    assert demo.preset is not None
    assert demo.preset.evidence["oos_from"] == "walk_forward"


def test_an_unrecorded_result_is_refused_by_every_profile(place: Path) -> None:
    search(place)
    result = run(load_bars("TEST"), dual_sma(), params={"fast": 2, "slow": 5})
    assert not result.recorded
    for profile in ("demo", "research", "strict"):
        verdict = promote(result, name="cross", profile=profile)
        assert not verdict.passed
        assert any("record=False" in reason for reason in verdict.reasons)


def test_a_recorded_run_can_pass_demo_without_out_of_sample_bars(place: Path) -> None:
    search(place)
    result = replace(
        run(load_bars("TEST"), dual_sma(), params={"fast": 2, "slow": 5}), recorded=True
    )
    verdict = promote(result, name="run", profile="demo")
    assert verdict.passed, str(verdict)
    assert verdict.preset is not None
    assert verdict.preset.oos_start is None


def test_public_asks_for_safe_bounds_whatever_the_profile(place: Path) -> None:
    study = search(place)
    verdict = promote(
        study, name="cross", profile="demo", visibility="public", validation=quick(study)
    )
    assert not verdict.passed
    row = next(row for row in verdict.checks if row.name == "public_risk_pct")
    assert (row.value, row.threshold, row.passed) == (1.0, 0.02, False)


def test_a_sized_strategy_with_a_stop_may_be_public(place: Path) -> None:
    fast, slow = st.param("fast", 2, 10), st.param("slow", 5, 20)
    mean = st.ta.sma
    strategy = st.Strategy(
        name="stopped",
        long_entry=mean(st.close, fast).crosses_above(mean(st.close, slow)),
        long_exit=mean(st.close, fast).crosses_below(mean(st.close, slow)),
        stop_loss=st.stop.percent(0.05),
    )
    study = supersearch(
        load_bars("TEST"),
        strategy,
        SPACE,
        constraints=["trades >= 30"],
        risk=RiskPct(0.01),
        warehouse=Warehouse(place),
    )
    verdict = promote(
        study, name="cross", profile="demo", visibility="public", validation=quick(study)
    )
    assert verdict.passed, str(verdict)
    assert verdict.preset is not None
    assert verdict.preset.visibility == "public"


def test_a_study_without_a_best_trial_is_refused(place: Path) -> None:
    study = search(place, constraints=["trades >= 100000"])
    verdict = promote(study, name="cross", profile="demo", validation=quick(study))
    assert not verdict.passed
    assert "trades: no trial of the study met the constraints" in verdict.reasons


def test_a_partial_validation_does_not_pass_for_a_full_one(place: Path) -> None:
    study = search(place)
    partial = validate(study, checks=["psr"])
    verdict = promote(study, name="cross", validation=partial)
    row = next(row for row in verdict.checks if row.name == "deflated_sharpe_ratio")
    assert not row.passed
    assert "covers ['psr'] only" in str(row.reason)


def test_the_validation_of_another_study_is_refused(place: Path) -> None:
    other = quick(search(place, holdout=0.3))
    with pytest.raises(InputError, match="the validation is of"):
        promote(search(place), name="cross", profile="demo", validation=other)


def test_bad_arguments_are_named(place: Path) -> None:
    study = search(place)
    with pytest.raises(InputError, match="preset name"):
        promote(study, name="No Good")
    with pytest.raises(ConfigError, match="gate profile"):
        promote(study, name="cross", profile="lenient")
    with pytest.raises(InputError, match="visibility"):
        promote(study, name="cross", visibility="secret")


def test_a_verdict_shows_itself(place: Path) -> None:
    study = search(place)
    verdict = promote(study, name="cross", validation=quick(study))
    assert "cross: refused by strict" in str(verdict)
    assert "not computed yet" in verdict._repr_html_()
    assert verdict.thresholds["deflated_sharpe_ratio"] == 0.95


@pytest.mark.parametrize(
    ("risk", "share"), [(AllIn(), 1.0), (FixedFraction(0.01), 0.01), (RiskPct(0.015), 0.015)]
)
def test_share_at_risk(risk: AllIn | FixedFraction | RiskPct, share: float) -> None:
    from hyprl_lab.presets.measures import share_at_risk

    assert share_at_risk(risk) == share
