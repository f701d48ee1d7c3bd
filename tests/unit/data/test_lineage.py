from __future__ import annotations

import copy
import json
import pickle

import pytest

from hyprl_lab.data.lineage import Lineage, Step
from hyprl_lab.errors import BarsError


def test_steps_are_added_to_a_new_lineage():
    first = Lineage().then("import", source="spy.csv", rows_in=3)
    second = first.then("resample", timeframe="1d")
    assert [step.operation for step in second] == ["import", "resample"]
    assert (len(Lineage()), len(first), len(second)) == (0, 1, 2)
    assert first.steps[0].detail["rows_in"] == 3


def test_lineage_survives_json():
    lineage = (
        Lineage().then("import", source="a", findings=[{"rows": [1, 2]}]).then("take", start=0)
    )
    again = Lineage.from_json(json.loads(json.dumps(lineage.to_json())))
    assert again == lineage
    assert again.to_json() == lineage.to_json()


def test_details_are_read_only():
    step = Lineage().then("take", start=0).steps[0]
    with pytest.raises(TypeError, match="does not support item assignment"):
        step.detail["start"] = 1  # type: ignore[index]


@pytest.mark.parametrize("bad", [3, {}, {"operation": 4}, ["import"]])
def test_steps_without_an_operation_are_refused(bad):
    with pytest.raises(BarsError, match="expected one with an operation"):
        Lineage.from_json([bad])


def test_text():
    lineage = Lineage().then("take", start=0, stop=5)
    assert repr(lineage) == "Lineage\n  take(start=0, stop=5)"
    assert str(Step("load", {"name": "TEST"})) == "load(name=TEST)"


def test_a_step_is_copied_and_sent_between_processes() -> None:
    given = {"rows": [1, 2]}
    step = Step("repair", given)
    given["rows"] = []
    assert step.detail["rows"] == [1, 2]
    for copied in (copy.deepcopy(step), pickle.loads(pickle.dumps(step))):
        assert copied == step
        with pytest.raises(TypeError):
            copied.detail["rows"] = []


def test_long_details_are_shown_short() -> None:
    shown = repr(Lineage().then("repair", rows=list(range(100)), note="x" * 100))
    assert "rows=[100]" in shown
    assert "x" * 72 not in shown
