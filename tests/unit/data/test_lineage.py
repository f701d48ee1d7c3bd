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
    assert "rows=100 items" in shown
    assert "x" * 72 not in shown


def test_steps_by_place() -> None:
    lineage = Lineage().then("import", source="a").then("take", start=0).then("at", rows=2)
    assert lineage[0] == lineage.steps[0]
    assert lineage[-1].operation == "at"
    assert lineage[1:] == Lineage(lineage.steps[1:])
    first, *rest = lineage
    assert (first, len(rest)) == (lineage[0], 2)
    with pytest.raises(IndexError):
        lineage[3]


def test_html_has_a_row_a_step_and_short_escaped_values() -> None:
    sha256 = "0123456789abcdef" * 4
    lineage = (
        Lineage()
        .then("import", name="<b>.csv", sha256=sha256, tz=None, findings=[{"x": "y" * 80}] * 3)
        .then("adjust", factors=f"f.csv sha256:{sha256}")
    )
    html = lineage._repr_html_()
    assert html.count("<tr ") == 2
    assert "&lt;b&gt;.csv" in html
    assert "<b>" not in html
    assert sha256 not in html
    assert html.count("0123456789ab…") == 2
    assert "f.csv sha256:0123456789ab…" in html
    assert "3 items" in html
    assert "none" in html
    assert "nothing known" in Lineage()._repr_html_()
    assert repr(Lineage()) == "Lineage\n  nothing known"
