"""docs/validation.md: its example runs, and every check and row is on it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.research.validation.checks import CHECKS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "validation.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "home"))
    names: dict[str, Any] = {"__name__": "validation_page"}
    examples = list(re.finditer(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
    for match in examples:
        line = TEXT.count("\n", 0, match.start(1))
        exec(compile("\n" * line + match[1], str(PAGE), "exec"), names)
    assert len(examples) == 1
    validation = names["validation"]
    assert validation.evidence["spa"].trials == 25
    assert all(row.reading for row in validation.rows)


def test_every_check_and_row_is_on_the_page_in_their_order() -> None:
    places = []
    for name, check in CHECKS.items():
        found = re.search(rf"^\|.*`{name}`.*\|", TEXT, re.MULTILINE)
        assert found, name
        places.append(found.start())
        for row in check.rows:
            assert f"`{row}`" in TEXT, row
    assert places == sorted(places)
