"""docs/studies.md: its examples run, in their order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "studies.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_examples_run_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "studies_page"}
    examples = list(re.finditer(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
    for match in examples:
        line = TEXT.count("\n", 0, match.start(1))
        exec(compile("\n" * line + match[1], str(PAGE), "exec"), names)
    assert len(examples) == 11
    assert [trace.type for trace in names["figure"].data] == ["heatmap", "scatter"]
    assert len(names["group"]) == 2


def test_every_call_of_a_study_is_on_the_page() -> None:
    from hyprl_lab.research.study import Study

    calls = [
        name for name, value in vars(Study).items() if callable(value) and not name.startswith("_")
    ]
    assert len(calls) == 10
    for name in calls:
        assert re.search(rf"`(study)?\.?{name}\b|study\.{name}\(", TEXT), name
