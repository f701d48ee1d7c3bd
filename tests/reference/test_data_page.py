"""docs/data.md: its examples run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_examples_run_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All but that of a provider of one's own, whose source is left open."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "home"))
    names: dict[str, Any] = {"__name__": "data_page"}
    run = 0
    for match in re.finditer(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL):
        if "frame = ..." not in match[1]:
            line = TEXT.count("\n", 0, match.start(1))
            exec(compile("\n" * line + match[1], str(PAGE), "exec"), names)
            run += 1
    assert run >= 7
