from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

import hyprl_lab.strategy as st
from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import Execution, RiskPct, run
from hyprl_lab.engine.config import risk_from_json
from hyprl_lab.errors import ConfigError, InputError, WarehouseError
from hyprl_lab.models import predict
from hyprl_lab.presets import Verdict, get, promote, promoted, verify
from hyprl_lab.research.holdout import looks_at
from hyprl_lab.research.recording import backtest
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.study import Study
from hyprl_lab.research.validation import Validation
from hyprl_lab.research.validation.subject import subject_of
from hyprl_lab.research.validation.validator import validate
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy import Strategy
from hyprl_lab.strategy.builtin import dual_sma
from hyprl_lab.types import FloatArray

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
    told = [
        {
            name: value
            for name, value in each.to_dict().items()
            if name not in ("ledger_head", "hash")
        }
        for each in (first, again)
    ]
    assert told[0] == told[1]
    # the first verdict is a link of the chain that the second one stands on
    assert again.ledger_head["links"] == first.ledger_head["links"] + 1


def test_without_a_validation_it_asks_for_one(place: Path) -> None:
    verdict = promote(search(place), name="cross", profile="demo")
    assert verdict.passed
    assert verdict.preset is not None
    assert verdict.preset.evidence["validation"]["settings"]["resamples"] == 1000


def test_strict_stops_at_the_first_check_that_fails(place: Path) -> None:
    study = search(place)
    verdict = promote(study, name="cross")
    assert (verdict.profile, verdict.passed, verdict.preset) == ("strict", False, None)
    assert promoted() == []
    failed = [row.name for row in verdict.checks if row.required and not row.passed]
    assert failed[0] == "risk_pct"  # all in
    by_name = {row.name: row for row in verdict.checks}
    for name in ("bar_permutation", "robustness", "cpcv_sharpe_5", "backtest_overfitting"):
        row = by_name[name]
        assert (row.value, row.passed) == (None, False)
        assert row.reason == "not asked: risk_pct failed before it"
    assert by_name["deflated_sharpe_ratio"].value is not None  # it follows from the ledger alone
    closed = "the holdout stays closed: risk_pct failed before it"
    assert by_name["holdout_sharpe"].reason == by_name["holdout_sharpe_ratio"].reason == closed
    assert verdict.settings["checks"] == ["psr", "dsr", "min_trl", "min_btl"]
    asked = [row.name for row in verdict.checks if row.name in failed and row.value is not None]
    assert (
        [reason.partition(":")[0] for reason in verdict.reasons]
        == [
            *asked[:1],
            "risk_to_kelly",  # asked, and undefined
            *asked[1:],
        ]
    )
    assert asked == ["risk_pct", "trades", "track_record_length", "deflated_sharpe_ratio"]
    # nothing was evaluated for it: the ledger knows of the search alone
    assert verdict.trials == study.warehouse.trial_count(study.lineage_root) == 4


def test_asked_for_every_check_it_computes_all_and_opens_nothing(place: Path) -> None:
    study = search(place)
    verdict = promote(study, name="cross", validation=quick(study), stop_early=False)
    unknown = [row.name for row in verdict.checks if "not asked" in str(row.reason)]
    assert unknown == []
    assert verdict.holdout is not None
    assert (verdict.holdout["run_hash"], verdict.holdout["openings"]) == (None, 0)
    found = looks_at(
        study.warehouse,
        study.lineage_root,
        int(study.holdout_start or 0),
        strategy_hash=study.strategy.hash,
    )
    assert (found.runs, found.openings) == (0, 0)


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


@pytest.mark.parametrize(
    ("execution", "name", "value", "reason"),
    [
        (
            Execution(intrabar="target_first"),
            "intrabar",
            "target_first",
            "target_first is not == stop_first",
        ),
        (Execution(option_delta=0.5), "approximate", True, "yes is not == no"),
    ],
)
def test_an_optimistic_or_approximate_run_is_refused_by_every_profile(
    place: Path, execution: Execution, name: str, value: object, reason: str
) -> None:
    study = search(place, execution=execution)
    evidence = quick(study)
    for profile in ("demo", "research", "strict"):
        verdict = promote(study, name="cross", profile=profile, validation=evidence)
        assert not verdict.passed
        row = next(row for row in verdict.checks if row.name == name)
        assert (row.value, row.passed, row.reason) == (value, False, reason)


def test_a_study_that_searched_all_bars_fails_strict_for_it(place: Path) -> None:
    study = search(place, holdout=0.0)
    verdict = promote(study, name="cross", validation=quick(study))
    row = next(row for row in verdict.checks if row.name == "holdout_reserved")
    assert (row.value, row.passed, row.required) == (False, False, True)


def test_without_a_holdout_every_bar_was_seen_and_nothing_is_counted_on_it(place: Path) -> None:
    """The walk-forward's tests are not out of sample for parameters chosen on all bars."""
    study = search(place, holdout=0.0)
    verdict = promote(study, name="cross", profile="demo", validation=quick(study))
    preset = verdict.preset
    assert preset is not None
    assert (preset.oos_start, preset.evidence["oos_from"]) == (None, None)
    assert "chosen on every bar" in preset.evidence["oos_reason"]
    said = predict(preset.config, preset.evidence, study.bars)
    assert said.frequency is None
    assert said.reason  # the API says it beside the null probabilities


def test_a_recorded_run_can_pass_demo_without_out_of_sample_bars(place: Path) -> None:
    result = backtest(load_bars("TEST"), dual_sma(), params={"fast": 2, "slow": 5})
    verdict = promote(result, name="run", profile="demo")
    assert verdict.passed, str(verdict)
    assert verdict.preset is not None
    assert verdict.preset.oos_start is None
    assert "a single run holds nothing out" in verdict.preset.evidence["oos_reason"]


def test_a_validation_from_before_a_further_search_is_refused(place: Path) -> None:
    study = search(place)
    stale = quick(study)
    assert stale.ledger.trials == 4
    supersearch(
        load_bars("TEST"),
        dual_sma(),
        {"fast": range(2, 12), "slow": range(20, 40)},
        warehouse=Warehouse(place),
    )
    with pytest.raises(InputError, match=r"against 4 trials of ledger .* now counts 204"):
        promote(study, name="cross", profile="demo", validation=stale)
    assert promoted() == []
    verdict = promote(study, name="cross", profile="demo", validation=quick(study))
    assert verdict.trials == 204


def test_a_validation_with_other_values_than_validate_finds_is_refused(place: Path) -> None:
    study = search(place)
    true = quick(study)
    rows = tuple(
        replace(row, value=0.99) if row.name == "deflated_sharpe_ratio" else row
        for row in true.rows
    )
    with pytest.raises(InputError, match=r"these differ: \['deflated_sharpe_ratio'\]"):
        promote(study, name="cross", profile="demo", validation=replace(true, rows=rows))


def test_the_verdict_names_the_ledger_and_its_head(place: Path) -> None:
    study = search(place)
    validation = quick(study)
    warehouse = Warehouse(place)
    links, chain_hash = warehouse.head()
    first = promote(study, name="cross", profile="demo", validation=validation)
    assert first.ledger_id == warehouse.ledger_id
    assert first.ledger_head == {"links": links, "chain_hash": chain_hash}
    assert study.best is not None
    backtest(study.search_bars, study.strategy, params=study.best.params).save()
    validation = quick(study)
    links, chain_hash = Warehouse(place).head()
    again = promote(study, name="cross", profile="demo", validation=validation)
    assert again.ledger_head == {"links": links, "chain_hash": chain_hash}
    assert again.hash != first.hash
    assert again.preset is not None
    assert again.preset.version == 1  # a saved run is no new evidence


def test_the_signed_config_gives_the_evidences_run_again(place: Path) -> None:
    bars = load_bars("TEST")
    result = backtest(
        bars,
        dual_sma(),
        params={"fast": 2, "slow": 5},
        execution=Execution(fee_bps=1.0),
        cash=5_000.0,
        seed=7,
        periods_per_year=365.0,
        period=("2020-03-02", None),
    )
    verdict = promote(result, name="run", profile="demo", validation=validate(result, resamples=50))
    assert verdict.preset is not None, str(verdict)
    document = yaml.safe_load(verdict.preset.path.read_text("utf-8"))
    config, evidence = document["config"], document["evidence"]
    period = evidence["run"]["config"]["period"]
    assert config["periods_per_year"] == 365.0 != bars.periods_per_year
    again = run(
        load_bars(config["dataset"]),
        Strategy.from_json(config["strategy"]),
        params=config["params"],
        risk=risk_from_json(config["risk"]),
        execution=Execution.from_json(config["execution"]),
        cash=config["cash"],
        seed=config["seed"],
        periods_per_year=config["periods_per_year"],
        period=(period["start"], period["end"]),
    )
    assert again.bars.fingerprint == evidence["run"]["fingerprint"]
    assert again.run_hash == evidence["run"]["run_hash"] == verdict.run_hash
    assert again.metrics.sharpe == result.metrics.sharpe


def test_a_study_with_a_seed_is_judged_by_the_run_of_that_seed(place: Path) -> None:
    study = search(place, seed=7)
    verdict = promote(study, name="cross", profile="demo", validation=quick(study))
    assert study.best is not None
    same = backtest(study.search_bars, study.strategy, params=study.best.params, seed=7)
    assert verdict.run_hash == same.run_hash
    assert verdict.seeds["run"] == 7


def test_a_run_of_another_warehouse_is_judged_and_signed_there(
    place: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Warehouse(tmp_path_factory.mktemp("other"))
    bars = load_bars("TEST")
    for slow in (5, 6):
        result = backtest(bars, dual_sma(), params={"fast": 2, "slow": slow}, warehouse=other)
    validation = validate(result, resamples=50)
    assert (validation.ledger.ledger_id, validation.ledger.trials) == (other.ledger_id, 2)
    verdict = promote(result, name="there", profile="demo", validation=validation)
    assert verdict.passed, str(verdict)
    assert verdict.preset is not None
    assert verdict.preset.path == other.home / "presets" / "there.v1.yaml"
    assert [preset.name for preset in promoted(other.home)] == ["there"]
    assert other.status().verdicts == 1
    assert promoted() == []
    assert Warehouse(place).status().verdicts == 0


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


def test_what_a_partial_validation_lacks_is_asked_for(place: Path) -> None:
    study = search(place)
    partial = validate(study, checks=["psr"])
    verdict = promote(study, name="cross", profile="demo", validation=partial)
    row = next(row for row in verdict.checks if row.name == "deflated_sharpe_ratio")
    assert row.value == validate(study, checks=["dsr"]).row("deflated_sharpe_ratio").value
    assert verdict.settings["checks"] == ["psr", "dsr"]


def test_the_validation_of_another_study_is_refused(place: Path) -> None:
    other = quick(search(place, holdout=0.3))
    with pytest.raises(InputError, match="the validation is of"):
        promote(search(place), name="cross", profile="demo", validation=other)


def test_what_is_neither_study_nor_validation_is_refused(place: Path) -> None:
    with pytest.raises(InputError, match=r"found 7; expected what hl\.supersearch or hl\.backtest"):
        promote(7, name="cross")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"validation is 'all'; expected what hl\.validate"):
        promote(search(place), name="cross", validation="all")  # type: ignore[arg-type]


def test_a_look_is_no_new_evidence_for_a_holdout_that_stayed_closed(place: Path) -> None:
    study = search(place)
    first = promote(study, name="cross", profile="demo")
    assert study.best is not None
    backtest(study.bars, study.strategy, params=study.best.params)  # the same trial, seen again
    again = promote(study, name="cross", profile="demo")
    assert first.holdout is not None
    assert again.holdout is not None
    assert (first.holdout["looks"]["runs"], again.holdout["looks"]["runs"]) == (0, 1)
    assert again.preset is not None
    assert again.preset.version == 1
    assert "1 look and 0 searches before; stays closed" in str(again)


def made(name: str, close: FloatArray) -> Bars:
    """Bars that open at the close before and go straight to their own."""
    opened, closed = close[:-1], close[1:]
    columns = {
        "open": opened,
        "high": np.maximum(opened, closed),
        "low": np.minimum(opened, closed),
        "close": closed,
    }
    return Bars(name, "1d", "24/7", np.arange(len(opened)) * 86_400_000_000, columns)


def asked(bars: Bars, place: Path, **space: list[int]) -> tuple[Verdict, dict[str, str]]:
    """Ask the strict gate everything; return its verdict and why required checks failed."""
    held = space or {"hold": [2, 3, 4, 5]}
    strategy = (
        dual_sma()
        if space
        else st.Strategy(
            "in_and_out",
            long_entry=st.close > 0,
            time_stop=st.param("hold", 1, 9),
            stop_loss=st.stop.percent(0.5),
        )
    )
    study = supersearch(bars, strategy, held, warehouse=Warehouse(place), progress=False)
    few = {"permutations": 19, "walk_forward_permutations": 9, "ruin_resamples": 200}
    validation = validate(study, windows=2, resamples=50, **few)
    verdict = promote(study, name="bad", validation=validation, stop_early=False)
    assert (verdict.passed, verdict.preset, promoted()) == (False, None, [])
    assert verdict.holdout is None or verdict.holdout["run_hash"] is None
    assert study.warehouse.sql("select * from backtests where purpose = 'gate'").empty
    return verdict, {
        row.name: str(row.reason) for row in verdict.checks if row.required and not row.passed
    }


def test_one_trial_was_no_choice(place: Path) -> None:
    verdict, why = asked(load_bars("TEST"), place, fast=[2], slow=[5])
    assert why["backtest_overfitting"].startswith("fewer than two trials")
    assert verdict.reasons[0].startswith("full_settings: windows is 2; expected 5")
    closed = "the holdout stays closed: full_settings failed before it"
    assert why["holdout_sharpe"] == closed


def test_a_search_in_which_everything_loses_is_refused(place: Path) -> None:
    steps = np.arange(801.0)
    falling = made("FALL", 100.0 * 0.999**steps * (1.0 + 0.002 * np.sin(7.0 * steps)))
    verdict, why = asked(falling, place)
    values = {row.name: row.value for row in verdict.checks}
    for name in ("deflated_sharpe_ratio", "cpcv_sharpe_5", "robustness", "profit_factor"):
        assert name in why
        assert values[name] is not None
    assert "the Sharpe ratio is not above 0" in why["track_record_length"]
    assert "the mean in-sample Sharpe ratio is -" in why["walk_forward_efficiency"]
    assert values["superior_predictive_ability"] == 1.0


@pytest.mark.parametrize("growth", [1.0, 2.0 ** (1 / 64)])
def test_returns_that_do_not_vary_are_refused(place: Path, growth: float) -> None:
    bars = made("FLAT", 100.0 * growth ** np.arange(401.0))
    verdict, why = asked(bars, place, fast=[2, 3], slow=[5, 6])
    undefined = "the objective is undefined for every trial of the study"
    assert why["recorded"] == why["deflated_sharpe_ratio"] == why["holdout_sharpe"] == undefined
    assert verdict.run_hash is None
    run = backtest(bars, dual_sma(), params={"fast": 2, "slow": 5})
    alone = promote(run, name="flat", profile="research")
    assert not alone.passed
    assert all(row.reason for row in alone.checks if not row.passed)


def test_a_validation_of_another_market_is_refused(place: Path) -> None:
    other = supersearch(load_bars("sp500"), dual_sma(), SPACE, warehouse=Warehouse(place))
    with pytest.raises(InputError, match="the validation is of"):
        promote(search(place), name="cross", validation=validate(other, checks="psr"))
    study = search(place)
    moved = replace(validate(other, checks="psr"), subject=subject_of(study).identity)
    with pytest.raises(InputError, match="the validation is out of date"):
        promote(study, name="cross", validation=moved)  # its subject was written over
    assert promoted() == []


def test_trials_that_can_not_be_written_block_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = search(place)

    def full(*_given: object) -> None:
        raise WarehouseError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(type(study.warehouse), "flush", full)
        with pytest.raises(WarehouseError, match="the disk is full"):
            promote(study, name="cross", profile="demo")
    assert promoted() == []
    assert study.warehouse.status().verdicts == 0
    assert promote(study, name="cross", profile="demo").passed


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
    assert "the holdout stays closed" in verdict._repr_html_()
    assert verdict.thresholds["deflated_sharpe_ratio"] == 0.95
