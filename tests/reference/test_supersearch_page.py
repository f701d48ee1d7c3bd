"""docs/supersearch.md: its examples run, in their order, and it tells of every call of a study."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.research.study import Study
from hyprl_lab.types import Progress

PAGE = Path(__file__).resolve().parents[2] / "docs" / "supersearch.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_examples_run_in_their_order(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "supersearch_page"}
    examples = list(re.finditer(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
    for match in examples:
        line = TEXT.count("\n", 0, match.start(1))
        exec(compile("\n" * line + match[1], str(PAGE), "exec"), names)
    assert len(examples) == 10
    assert "(2 of 2 failed it)" in capsys.readouterr().out


def test_every_call_of_a_study_is_written_down() -> None:
    calls = {name for name, one in vars(Study).items() if callable(one) and name[0] != "_"}
    assert calls >= {"trials", "top", "pareto", "surface", "importance", "neighbours"}
    assert {name for name in calls if f"study.{name}(" not in TEXT} == set()


def test_every_field_of_progress_is_written_down() -> None:
    table = TEXT.split("| field of `Progress` |")[1].split("\n\n")[0]
    told = {field.name for field in fields(Progress)} | {"rate", "eta"}
    assert set(re.findall(r"`(\w+)`", table.split("Leader(")[0])) >= told - {"memory"}
    assert "| `memory` |" in table
