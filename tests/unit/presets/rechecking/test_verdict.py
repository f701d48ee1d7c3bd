from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from hyprl_lab.hashing import digest
from hyprl_lab.presets.rechecking.verdict import verdict_lines


def rehashed(document: dict[str, Any]) -> dict[str, Any]:
    verdict = document["evidence"]["verdict"]
    verdict["hash"] = digest({key: part for key, part in verdict.items() if key != "hash"})
    return document


def failed(document: dict[str, Any]) -> list[str]:
    return [line.part for line in verdict_lines(document) if line.ok is False]


def row(document: dict[str, Any], name: str) -> dict[str, Any]:
    rows = document["evidence"]["verdict"]["checks"]
    found: dict[str, Any] = next(each for each in rows if each["name"] == name)
    return found


def test_a_true_verdict_has_a_line_for_each_row_and_threshold(document: dict[str, Any]) -> None:
    lines = list(verdict_lines(document))
    assert all(line.ok for line in lines)
    parts = [line.part for line in lines]
    for each in document["evidence"]["verdict"]["checks"]:
        assert f"row {each['name']}" in parts
        assert f"row {each['name']}, threshold" in parts


def test_every_field_of_the_verdict_is_under_its_hash(
    document: dict[str, Any], leaves: Any, mutate: Any
) -> None:
    paths = leaves(document["evidence"]["verdict"])
    assert len(paths) > 90
    for path in paths:
        changed = deepcopy(document)
        mutate(changed["evidence"]["verdict"], path)
        if path[-1] == "operator":
            continue  # an operator that is none is refused before this
        assert "verdict hash" in failed(changed), path


@pytest.mark.parametrize(
    ("name", "change", "part"),
    [
        ("trades", {"threshold": 20}, "row trades, threshold"),
        ("trades", {"operator": ">"}, "row trades, operator"),
        ("trades", {"metric": "headline_returns"}, "row trades, metric"),
        ("trades", {"required": False}, "row trades, required"),
        ("trades", {"value": 29}, "row trades"),
        ("trades", {"value": None}, "row trades"),
        ("trades", {"name": "deals"}, "gate's checks"),
        ("trades", {"reason": "well"}, "row trades, reason"),
        ("recorded", {"threshold": 1}, "row recorded"),
        ("deflated_sharpe_ratio", {"passed": True}, "row deflated_sharpe_ratio"),
        ("deflated_sharpe_ratio", {"reason": None}, "row deflated_sharpe_ratio, reason"),
        (
            "deflated_sharpe_ratio",
            {"value": 0.99, "passed": True, "reason": None},
            "row deflated_sharpe_ratio, value in the validation",
        ),
    ],
)
def test_a_row_that_was_hashed_anew_is_held_against_gate_and_validation(
    document: dict[str, Any], name: str, change: dict[str, Any], part: str
) -> None:
    row(document, name).update(change)
    assert part in failed(rehashed(document))


def test_rows_left_out_added_or_put_in_another_order(document: dict[str, Any]) -> None:
    for edit, found in (
        (lambda rows: rows.pop(), "none of deflated_sharpe_ratio"),
        (lambda rows: rows.reverse(), "one that stands twice, or another order"),
        (lambda rows: rows.append({**rows[0], "name": "extra"}), "unasked extra"),
        (lambda rows: rows.append(rows[0]), "one that stands twice, or another order"),
    ):
        changed = deepcopy(document)
        edit(changed["evidence"]["verdict"]["checks"])
        wrong = [line for line in verdict_lines(rehashed(changed)) if line.ok is False]
        assert [(line.part, line.found) for line in wrong] == [("gate's checks", found)]


def test_what_is_public_is_asked_for_the_public_bounds(document: dict[str, Any]) -> None:
    document["visibility"] = document["evidence"]["verdict"]["visibility"] = "public"
    (line,) = [line for line in verdict_lines(rehashed(document)) if line.ok is False]
    assert line.part == "gate's checks"
    assert line.found == "none of public_risk_pct, public_max_drawdown_intrabar"


@pytest.mark.parametrize(
    "key",
    [
        "run_hash",
        "study_id",
        "fingerprint",
        "validation_hash",
        "ledger_id",
        "lineage_root",
        "trials",
    ],
)
def test_the_verdict_is_of_what_stands_beside_it(document: dict[str, Any], key: str) -> None:
    document["evidence"]["verdict"][key] = "another"
    assert f"verdict {key}" in failed(rehashed(document))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cash", 1.0),
        ("params", {"fast": 4.0, "slow": 5.0}),
        ("risk", {"model": "risk_pct", "risk_pct": 0.01}),
        ("symbol", "OTHER"),
        ("seed", 5),
    ],
)
def test_a_config_that_was_not_run(document: dict[str, Any], key: str, value: Any) -> None:
    document["config"][key] = value
    assert failed(document) == ["run config"]
    document["evidence"]["run"]["config"][key] = value
    assert failed(document) == ["run hash"]


def test_a_run_hash_of_an_engine_that_is_not_here_can_not_be_told(document: dict[str, Any]) -> None:
    document["evidence"]["verdict"]["engine_version"] = "0.0.1"
    document["evidence"]["run"]["config"]["period"] = [0, 1]
    (line,) = [line for line in verdict_lines(rehashed(document)) if line.part == "run hash"]
    assert line.ok is None
    assert "0.0.1" in line.expected


def test_a_preset_of_before_evidence_was_kept(document: dict[str, Any]) -> None:
    document["evidence"]["validation"] = {}
    document["evidence"]["run"] = {"run_hash": document["evidence"]["run"]["run_hash"]}
    assert {"verdict validation_hash", "verdict fingerprint", "run config"} <= set(failed(document))


def test_what_is_inconclusive_is_so_by_the_validation(document: dict[str, Any]) -> None:
    """Signed rows that pass by a doubt which the evidence does not have."""
    name, doubt = "probability_of_backtest_overfitting", "the best is like the others"
    new = {
        **row(document, "trades"),
        "name": name,
        "metric": name,
        "value": 0.6,
        "operator": "<=",
        "threshold": 0.2,
        "inconclusive": doubt,
    }
    document["evidence"]["verdict"]["checks"].append(new)
    rows = document["evidence"]["validation"]["rows"]
    rows.append({"name": name, "value": 0.6, "reading": f"60%. Inconclusive: {doubt}."})
    told = f"row {name}, inconclusive"
    assert told not in failed(rehashed(document))
    for said in ("another doubt", "the best", "."):
        new["inconclusive"] = said
        assert told in failed(rehashed(document))
    new["inconclusive"] = ""
    assert f"row {name}" in failed(rehashed(document))
    new["inconclusive"] = doubt
    rows[-1]["reading"] = "60%."
    assert told in failed(rehashed(document))
