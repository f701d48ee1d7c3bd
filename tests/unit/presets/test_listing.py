from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.errors import NotFoundError
from hyprl_lab.presets.deciding import demote, live
from hyprl_lab.presets.listing import listed, states_of
from hyprl_lab.presets.shelf import add
from hyprl_lab.store import Warehouse


def test_every_version_has_its_state(home: Path, parts: dict[str, Any]) -> None:
    for seed in range(3):
        add(home, **{**parts, "config": {**parts["config"], "seed": seed}})
    demote("cross", reason="no edge")
    live("cross", 1)
    told = [(each.version, each.state, each.live, each.reason) for each in states_of("cross")]
    assert told == [
        (1, "promoted", True, None),
        (2, "promoted", False, None),
        (3, "demoted", False, "no edge"),
    ]
    last = states_of("cross")[2]
    assert (last.visibility, last.profile, last.problem) == ("private", "demo", None)
    assert last.demoted_at is not None
    assert last.key_id is not None
    assert last.to_dict()["state"] == "demoted"


def test_a_name_that_was_only_judged_is_a_draft_or_a_candidate(
    home: Path, parts: dict[str, Any]
) -> None:
    assert listed(home) == []
    add(home, **parts)
    warehouse = Warehouse(home)
    for name, outcomes in {"cross": [False], "once": [False], "twice": [False, True]}.items():
        for number, passed in enumerate(outcomes):
            verdict = {"name": name, "profile": "strict", "passed": passed, "n": number}
            warehouse.save_verdict(verdict)
    demote("cross", reason="a decision is no verdict")
    told = {each.name: (each.version, each.state, each.profile) for each in listed(home)}
    assert told == {
        "cross": (1, "demoted", "demo"),
        "once": (None, "draft", "strict"),
        "twice": (None, "candidate", "strict"),
    }


def test_what_does_not_verify_says_so(home: Path, parts: dict[str, Any]) -> None:
    add(home, **parts)
    add(home, **{**parts, "config": {**parts["config"], "seed": 1}})
    (home / "presets" / "cross.v2.yaml").write_text("format: 1\n")
    first, second = listed(home)
    assert (first.problem, first.live) == (None, False)
    assert second.problem is not None
    assert "preset cross.v2.yaml" in second.problem
    assert (second.live, second.profile) == (False, None)
    live("cross", 1)
    assert states_of("cross")[0].live
    history = home / "presets" / "cross.history.json"
    history.write_bytes(history.read_bytes() + b"\n")
    problems = [each.problem for each in states_of("cross")]
    assert all(problem and "cross.history.json" in problem for problem in problems)
    assert not any(each.live for each in states_of("cross"))


def test_an_unknown_name(home: Path) -> None:
    with pytest.raises(NotFoundError, match="no promoted preset 'nothing'"):
        states_of("nothing", home=home)
