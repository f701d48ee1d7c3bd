"""The YAML of a search preset is read to the letter."""

from __future__ import annotations

from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.errors import InputError
from hyprl_lab.presets.search_document import fields_of

LEAST: dict[str, Any] = {"name": "mine", "version": 1, "description": "Mine."}


def test_only_what_is_written_is_locked() -> None:
    found = fields_of(LEAST, "here")
    assert found["locked"] == {}
    assert (found["strategy"], found["constraints"], found["bounds"]) == (None, (), ())
    written = {**LEAST, "halving": None, "objective": ["cagr", "-max_drawdown"], "max_trials": 9}
    assert fields_of(written, "here")["locked"] == {
        "objective": ["cagr", "-max_drawdown"],
        "max_trials": 9,
        "halving": None,  # locked to none
    }


def test_values_become_what_a_search_takes() -> None:
    found = fields_of(
        {
            **LEAST,
            "space": {"fast": {"start": 2, "stop": 5, "step": 1}, "execution.fee_bps": [0, 5]},
            "halving": {"factor": 2, "rungs": 1},
            "defaults": {"risk": {"model": "risk_pct", "risk_pct": 0.01}, "execution": {}},
            "bounds": [{"setting": "risk_pct", "most": 0.02}],
        },
        "here",
    )
    assert found["locked"]["halving"] == hl.Halving(factor=2, rungs=1)
    assert list(found["locked"]["space"]["fast"]) == [2, 3, 4]
    assert found["locked"]["space"]["execution.fee_bps"] == [0, 5]
    assert found["defaults"] == {"risk": hl.RiskPct(0.01), "execution": hl.Execution()}
    assert found["bounds"][0].most == 0.02


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"surprise": 1}, "unknown"),
        ({"version": 0}, "version is 0"),
        ({"version": True}, "version is True"),
        ({"name": ""}, "expected text"),
        ({"name": "../x"}, r"name is '../x'; expected 1 to 64 of a-z"),
        ({"name": "a b"}, "expected 1 to 64"),
        ({"objective": 5}, "objective is 5; expected text"),
        ({"strategy": "nobody"}, "expected a built-in one"),
        ({"constraints": "trades >= 30"}, "expected a list of texts"),
        ({"constraints": ["trads >= 30"]}, "trads"),
        ({"objective": "sharp"}, "sharp"),
        ({"objective": []}, "objective"),
        ({"space": [1]}, "expected values by parameter"),
        ({"space": {"fast": {"kind": "odd"}}}, "fast"),
        ({"where": 3}, "expected text"),
        ({"halving": 3}, "expected factor and rungs"),
        ({"halving": {"factor": 1, "rungs": 1}}, "factor is 1"),
        ({"bounds": {}}, "expected a list"),
        ({"defaults": []}, "expected risk and execution"),
        ({"defaults": {"cash": 1}}, "unknown"),
        ({"defaults": {"risk": {"model": "odd"}}}, "odd"),
        ({"defaults": {"execution": {"fee": 1}}}, "unknown"),
    ],
)
def test_what_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fields_of({**LEAST, **change}, "here")
