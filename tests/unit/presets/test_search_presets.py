"""Search presets: what they lock stays locked, and their name stays with the study."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.errors import ConfigError, SpaceError, StrategyError
from hyprl_lab.presets.search_presets import SearchPreset, search_preset
from hyprl_lab.resources import names
from hyprl_lab.strategy import Strategy, stop
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path

BARS = hl.load_bars("TEST")
SPACE = {"fast": [5, 10], "slow": [20, 30]}
SHIPPED = [path[7:-5] for path in names("presets", "search/")]


def guarded() -> Strategy:
    cross = dual_sma()
    return Strategy(
        "guarded",
        long_entry=cross.long_entry,
        long_exit=cross.long_exit,
        stop_loss=stop.percent(0.05),
    )


def preset(text: str) -> SearchPreset:
    return SearchPreset.from_yaml(
        f"name: mine\nversion: 2\ndescription: Mine.\n{text}", source="here"
    )


def test_what_ships() -> None:
    assert set(SHIPPED) >= {"research_minimal", "api_candidate", "wide"}
    for name in SHIPPED:
        found = search_preset(name)
        assert found.name == name
        assert len(found.description) > 40
        assert re.fullmatch(rf"{name}@\d+:[0-9a-f]{{64}}", found.label)
        shown = found._repr_html_()
        assert all(f">{setting}<" in shown for setting in found.locked)
        assert all(
            f"{bound.setting} {bound.asked}".split("'")[0] in shown for bound in found.bounds
        )


def test_a_candidate_for_the_api_keeps_the_bounds_of_what_is_public() -> None:
    found = search_preset("api_candidate")
    assert "max_drawdown_intrabar <= 0.30" in found.constraints
    found.check_bounds(hl.RiskPct(0.02), found.defaults["execution"])
    with pytest.raises(ConfigError, match=r"risk_pct is 0\.03, and has to be at most 0\.02"):
        found.check_bounds(hl.RiskPct(0.03), found.defaults["execution"])


def test_the_search_is_that_of_the_library_and_says_which_preset_made_it() -> None:
    found = search_preset("api_candidate")
    study = found.search(BARS, guarded(), space=SPACE)
    same = hl.supersearch(
        BARS,
        guarded(),
        SPACE,
        objective="sharpe",
        holdout=0.2,
        constraints=found.constraints,
        risk=hl.RiskPct(0.01),
        execution=hl.Execution(fee_bps=5, slippage_bps=2),
        preset=found.label,
    )
    assert (same.study_id, same.evaluated) == (study.study_id, 0)
    (spec,) = hl.warehouse.sql("select spec from studies")["spec"]
    assert json.loads(spec)["preset"] == f"api_candidate@1:{found.hash}"


def test_another_version_is_another_study() -> None:
    one, two = preset("holdout: 0.2"), preset("holdout: 0.2\nconstraints: []")
    assert one.hash != two.hash
    ids = {each.search(BARS, dual_sma(), space=SPACE).study_id for each in (one, two)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("holdout: 0.2", {"holdout": 0.0}, r"'mine' locks holdout at 0\.2"),
        ("sampler: grid", {"sampler": "random"}, "locks sampler at 'grid'"),
        ("halving: null", {"halving": hl.Halving()}, "locks halving at None"),
        ("space: {fast: [5], slow: [20]}", {"space": SPACE}, "locks space at fast"),
        ("holdout: 0.2", {"surprise": 1}, "unknown option 'surprise'"),
        ("holdout: 0.2", {"preset": "mine"}, "unknown option 'preset'"),
        ("holdout: 0.2", {"constraints": None}, r"constraints is None; expected a list"),
        ("holdout: 0.2", {"constraints": {"trades > 1"}}, "a set of 1; expected a list"),
        ("holdout: 0.2", {"holdout": np.array([0.2, 0.2])}, "locks holdout"),
        ("objective: sharpe", {"objective": ["sharpe", "cagr"]}, "locks objective"),
        ("holdout: 0.2", {"constraints": "trades > 1"}, r"expected a list: \['trades > 1'\]"),
        (
            "bounds: [{setting: execution.fee_bps, least: 1}]",
            {},
            r"execution\.fee_bps is 0, and has to be at least 1",
        ),
        (
            "bounds: [{setting: execution.fee_bps, least: 1}]",
            {"execution": hl.Execution(fee_bps=2), "space": {**SPACE, "execution.fee_bps": [0, 2]}},
            r"execution\.fee_bps is 0",
        ),
        (
            "bounds: [{setting: risk_pct, most: 0.5}]",
            {"risk": hl.FixedFraction(0.5), "space": {**SPACE, "risk.fraction": [0.4, 0.6]}},
            r"risk_pct is 0\.6",
        ),
    ],
)
def test_what_is_refused_before_anything_runs(
    text: str, options: dict[str, Any], message: str
) -> None:
    space = {} if "space:" in text else {"space": SPACE}
    with pytest.raises(ConfigError, match=message):
        preset(text).search(BARS, dual_sma(), **{**space, **options})
    assert hl.warehouse.sql("select count(*) as n from studies")["n"].tolist() == [0]


def test_constraints_are_added_and_none_is_taken_away() -> None:
    made = preset("constraints: [trades >= 1]")
    study = made.search(BARS, dual_sma(), space=SPACE, constraints=["cagr > -1", "trades >= 1"])
    assert study.constraints == ("trades >= 1", "cagr > -1")


def test_a_strategy_is_given_once() -> None:
    own = preset("strategy: dual_sma\nspace: {fast: [5], slow: [20, 30]}")
    study = own.search(BARS)
    assert (study.strategy.name, study.total) == ("dual_sma", 2)
    with pytest.raises(ConfigError, match="locks the strategy at 'dual_sma'"):
        own.search(BARS, guarded())
    assert own.search(BARS, dual_sma()).study_id == study.study_id  # the very one
    with pytest.raises(ConfigError, match="has no strategy of its own"):
        preset("holdout: 0.2").search(BARS)
    with pytest.raises(StrategyError, match=r"expected an hl\.Strategy"):
        preset("holdout: 0.2").search(BARS, "dual_sma")  # type: ignore[arg-type]


def test_settings_of_the_search_within_the_bounds_are_searched() -> None:
    made = preset("bounds: [{setting: execution.fee_bps, least: 1}]")
    study = made.search(
        BARS,
        dual_sma(),
        space={**SPACE, "execution.fee_bps": [1, 5]},
        execution=hl.Execution(fee_bps=1),
    )
    assert study.total == 8


def test_defaults_keep_the_bounds_themselves() -> None:
    with pytest.raises(ConfigError, match="risk_pct is 1"):
        preset("defaults: {risk: {model: all_in}}\nbounds: [{setting: risk_pct, most: 0.02}]")


def test_there_is_no_other() -> None:
    with pytest.raises(ConfigError, match="choose one of"):
        search_preset("nobody")
    with pytest.raises(ConfigError, match="choose one of"):
        search_preset("../gates/strict")
    with pytest.raises(ConfigError, match="not plain YAML"):
        preset("a: !!python/object 1")


def test_the_example_of_the_page_is_a_preset(root: Path) -> None:
    page = (root / "docs" / "presets.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    study = SearchPreset.from_yaml(text, source="docs/presets.md").search(BARS)
    assert (study.total, study.sampler, study.risk) == (500, "random", hl.FixedFraction(0.5))
    for name in SHIPPED:
        assert f"| `{name}` |" in page


def test_a_risk_model_that_nobody_chose_is_said_to_be_the_presets() -> None:
    message = (
        r"'dual_sma' has none.*Search preset 'api_candidate' took RiskPct\(risk_pct=0\.01\), its "
        r"default; give risk= of your own, within its bound risk_pct at most 0\.02"
    )
    with pytest.raises(ConfigError, match=message):
        search_preset("api_candidate").search(BARS, dual_sma(), space=SPACE)
    with pytest.raises(ConfigError, match="'dual_sma' has none") as chosen:
        search_preset("api_candidate").search(BARS, dual_sma(), space=SPACE, risk=hl.RiskPct(0.01))
    assert "its default" not in str(chosen.value)


def test_the_tests_have_a_home_of_their_own(home: Path) -> None:
    search_preset("research_minimal").search(BARS, dual_sma(), space=SPACE)
    assert (home / "warehouse").is_dir()
    assert hl.warehouse.home() == home


def test_a_line_says_all_that_binds() -> None:
    assert repr(search_preset("research_minimal")) == (
        "SearchPreset('research_minimal' version 1, locks holdout, constraint trades >= 30, "
        "bound execution.fill 'next_open')"
    )
    assert repr(preset("constraints: []")) == "SearchPreset('mine' version 2)"


def test_a_lock_can_not_be_edited() -> None:
    preset = search_preset("research_minimal")
    with pytest.raises(TypeError, match="does not support item assignment"):
        preset.locked["holdout"] = 0.0  # type: ignore[index]
    assert search_preset("research_minimal").locked["holdout"] == 0.2


def test_the_space_stands_third_as_in_the_library() -> None:
    made = preset("holdout: 0.2")
    study = made.search(BARS, dual_sma(), SPACE)
    assert study.total == 4
    assert study.study_id == made.search(BARS, dual_sma(), space=SPACE).study_id
    both = made.search([BARS, BARS.take(0, 400)], dual_sma(), SPACE)
    assert len(both.names) == 2


def test_what_repeats_a_lock_passes() -> None:
    made = preset(
        "strategy: dual_sma\nspace: {fast: [5], slow: {start: 20, stop: 41, step: 10}}\n"
        "where: fast < slow\nobjective: sharpe\nholdout: 0.2\nsampler: grid\nhalving: null"
    )
    study = made.search(BARS)
    again = made.search(
        BARS,
        dual_sma(),
        {"slow": range(20, 41, 10), "fast": [5]},
        where="fast < slow",
        objective=["sharpe"],
        holdout=np.float64(0.2),
        sampler="grid",
        halving=None,
    )
    assert (again.study_id, again.evaluated) == (study.study_id, 0)
    for other in ({"fast": [5]}, {"fast": ["5"]}, 5):
        with pytest.raises(ConfigError, match="locks space at fast"):
            made.search(BARS, None, other)  # type: ignore[call-overload]  # also what is no space


@pytest.mark.parametrize("name", ["frontier", "wide"])
def test_advice_to_change_what_is_locked_says_so(name: str) -> None:
    message = rf"(use|give) .*Search preset '{name}' locks sampler and max_trials; change what"
    with pytest.raises(SpaceError, match=message):
        search_preset(name).search(BARS, dual_sma(), SPACE)


HEAD = "name: mine\nversion: 1\ndescription: Mine.\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (5, " is 5; expected YAML text"),
        (None, " is None; expected YAML text"),
        ("", " holds nothing; expected a mapping"),
        ("name: mine", r" misses \['description', 'version'\]; expected"),
        ("foo: 1", r" misses \['description', 'name', 'version'\] and has unknown \['foo'\]"),
        (f"{HEAD}foo: 1", r" has unknown \['foo'\]; expected"),
        (f"{HEAD}name: x", " line 4: key 'name' stands twice"),
        (
            f"{HEAD}defaults: {{risk: {{model: fixed_fraction, fraction: 5}}}}",
            ": FixedFraction fraction=5 is above Execution leverage=1",
        ),
    ],
)
def test_a_text_that_is_no_preset_is_refused_once(text: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"^t\.yaml{said}") as refused:
        SearchPreset.from_yaml(text, source="t.yaml")
    assert str(refused.value).count("t.yaml") == 1
    assert "[]" not in str(refused.value)
