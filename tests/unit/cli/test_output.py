from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.cli.output import emit, facts, plain, text


def test_plain_has_no_nan_at_any_depth() -> None:
    payload = {
        "a": float("nan"),
        "b": [float("inf"), 1.5, {"c": np.float64("-inf")}],
        "d": np.array([[1.0, np.nan]]),
    }
    assert plain(payload) == {"a": None, "b": [None, 1.5, {"c": None}], "d": [[1.0, None]]}


def test_plain_turns_scalars_paths_and_times_into_json() -> None:
    payload = {
        "whole": np.int32(7),
        "flag": np.bool_(True),
        "path": Path("a") / "b",
        "ts": pd.Timestamp("2020-01-02", tz="UTC"),
        "names": ("x", "y"),
    }
    assert plain(payload) == {
        "whole": 7,
        "flag": True,
        "path": "a/b",
        "ts": "2020-01-02T00:00:00+00:00",
        "names": ["x", "y"],
    }


def test_plain_refuses_what_json_cannot_hold() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        plain(object())


def test_emit_writes_one_object_and_a_line_end(capsys: pytest.CaptureFixture[str]) -> None:
    emit({"sharpe": float("nan"), "name": "λ"}, as_json=True)
    out, err = capsys.readouterr()
    assert out == '{"sharpe": null, "name": "λ"}\n'
    assert err == ""
    assert json.loads(out) == {"sharpe": None, "name": "λ"}


def test_emit_for_people_shows_names_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    emit({"trades": 1234, "rate": 0.123456789, "nested": {"left": "out"}}, as_json=False)
    out, _ = capsys.readouterr()
    assert "trades" in out
    assert "1,234" in out
    assert "0.123457" in out
    assert "left" not in out


def test_markup_in_a_value_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    emit({}, as_json=False, view=lambda: [facts({"name": "[red]x[/red]"})])
    assert "[red]x[/red]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (True, "yes"),
        (12345, "12,345"),
        (0.5, "0.5"),
        ({"fast": 10}, "fast=10"),
        ("plain", "plain"),
    ],
)
def test_text(value: object, shown: str) -> None:
    assert text(value) == shown
