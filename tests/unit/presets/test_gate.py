from __future__ import annotations

import pytest

from hyprl_lab.errors import ConfigError
from hyprl_lab.presets.gate import PROFILE_ORDER, GateProfile, compare, holds, load_gate
from hyprl_lab.presets.measures import COMPUTED, VALIDATED
from hyprl_lab.research.validation.checks import check_of_row

HEAD = "name: own\ndescription: words\nchecks:\n"
NEEDED = (
    '- {name: recorded, metric: recorded, operator: "==", threshold: true}\n'
    '- {name: ledger_complete, metric: ledger_complete, operator: "==", threshold: true}\n'
)


def test_profiles_load_and_say_who_they_are() -> None:
    assert [load_gate(name).name for name in PROFILE_ORDER] == ["demo", "research", "strict"]
    assert "proves nothing" in load_gate("demo").description


def test_strict_has_every_check_of_the_gate_with_its_default() -> None:
    """The promotion gate's default thresholds, one by one."""
    found = {c.metric: (c.operator, c.threshold) for c in load_gate("strict").checks}
    assert found == {
        "recorded": ("==", True),
        "ledger_complete": ("==", True),
        "full_settings": ("==", True),
        "holdout_reserved": ("==", True),
        "holdout_share": (">=", 0.20),
        "holdout_looks": ("<=", 3),
        "holdout_searches": ("<=", 0),
        "fill": ("==", "next_open"),
        "intrabar": ("==", "stop_first"),
        "approximate": ("==", False),
        "at_end": ("==", "close"),
        "risk_pct": ("<=", 0.02),
        "risk_to_kelly": ("<=", 0.25),
        "max_drawdown_intrabar": ("<=", 0.30),
        "bootstrap_drawdown_95": ("<=", 0.30),
        "trades": (">=", 100),
        "track_record_surplus": (">=", 0),
        "backtest_length_surplus": (">=", 0),
        "deflated_sharpe_ratio": (">=", 0.95),
        "deflated_sharpe_ratio_floored": (">=", 0.5),
        "spa_p_value": ("<=", 0.05),
        "permutation_p_value": ("<=", 0.01),
        "walk_forward_permutation_p_value": ("<=", 0.05),
        "probability_of_backtest_overfitting": ("<=", 0.20),
        "walk_forward_efficiency": (">=", 0.5),
        "cpcv_sharpe_5": (">", 0),
        "profit_factor": (">=", 1.2),
        "stressed_profit_factor": (">", 1.0),
        "risk_of_ruin_upper": ("<=", 0.05),
        "robustness_score": (">=", 60),
        "holdout_sharpe": (">", 0),
        "holdout_sharpe_ratio": (">=", 0.5),
    }


def test_only_the_floored_sharpe_is_a_warning_in_strict() -> None:
    optional = [check.name for check in load_gate("strict").checks if not check.required]
    assert optional == ["deflated_sharpe_ratio_floored"]


def test_each_profile_asks_less_than_the_next() -> None:
    demo, research, strict = (
        {check.metric for check in load_gate(name).checks} for name in PROFILE_ORDER
    )
    assert research < strict
    assert demo - strict == {"ruined", "headline_returns"}


def test_every_row_of_a_validation_that_a_gate_may_ask_for_is_one() -> None:
    for metric in VALIDATED:
        assert metric in COMPUTED
        check = check_of_row(metric)
        assert check is not None, metric
        assert metric in check.rows


def test_only_what_may_be_inconclusive_passes_for_being_so() -> None:
    row = {"metric": "probability_of_backtest_overfitting", "operator": "<=", "threshold": 0.2}
    assert not holds({**row, "value": 0.5})
    assert not holds({**row, "value": 0.5, "inconclusive": None})
    assert holds({**row, "value": 0.5, "inconclusive": "the best is like the others"})
    assert not holds({**row, "metric": "sharpe", "value": 0.5, "inconclusive": "words"})
    assert not holds({**row, "value": 0.5, "inconclusive": ""})
    assert not holds({**row, "value": None, "inconclusive": "the best is like the others"})


@pytest.mark.parametrize(
    ("value", "sign", "threshold", "passed"),
    [
        (0.3, "<=", 0.3, True),
        (0.31, "<=", 0.3, False),
        (0, ">", 0, False),
        (5, ">=", 5, True),
        (1, "<", 2.0, True),
        (None, "<=", 0.3, False),
        (True, "==", True, True),
        (1, "==", True, False),
        (True, ">=", 0.5, False),
        (True, "==", 1, False),
        ("next_open", "==", "next_open", True),
        ("same_close", "==", "next_open", False),
        ("9", ">=", 5, False),
        (float("nan"), "<=", 1, False),
    ],
)
def test_compare(value: object, sign: str, threshold: float | str, passed: bool) -> None:
    assert compare(value, sign, threshold) is passed  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("checks", "named"),
    [
        ("- {name: a, metric: sharp, operator: '>', threshold: 1}\n", "metric 'sharp' is unknown"),
        ("- {name: a, metric: sharpe, operator: '!=', threshold: 1}\n", "operator '!='"),
        ("- {name: a, metric: sharpe, operator: '>', threshold: [1]}\n", "threshold"),
        ("- {name: a, metric: fill, operator: '>', threshold: word}\n", "only be compared by =="),
        ("- {name: a, metric: sharpe, operator: '>', threshold: 1, extra: 1}\n", "unknown"),
        ("- {name: a, metric: sharpe, operator: '>'}\n", "misses"),
        ("- {name: a, metric: sharpe, operator: '>', threshold: 1, required: 1}\n", "required"),
        ("- {name: recorded, metric: sharpe, operator: '>', threshold: 1}\n", "stand twice"),
        ("- {name: '', metric: sharpe, operator: '>', threshold: 1}\n", "name"),
        ("- sharpe\n", "expected a mapping"),
    ],
)
def test_a_malformed_check_is_named(checks: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        GateProfile.from_yaml(HEAD + NEEDED + checks, source="own.yaml")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (HEAD + NEEDED.splitlines()[0], "must require"),
        (HEAD + NEEDED.replace("threshold: true}", "threshold: true, required: false}"), "must"),
        (HEAD.strip() + " []\n", "expected a list"),
        ("name: own\nchecks: []\n", "misses"),
        ("version: 3\n" + HEAD + NEEDED, "unknown"),
        ("name: own\ndescription: ''\nchecks:\n" + NEEDED, "description"),
        ("a: [", "not plain YAML"),
    ],
)
def test_a_malformed_profile_is_named(text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        GateProfile.from_yaml(text, source="own.yaml")


def test_an_unknown_profile_lists_what_there_is() -> None:
    with pytest.raises(ConfigError, match="'demo', 'research', 'strict'"):
        load_gate("lenient")
