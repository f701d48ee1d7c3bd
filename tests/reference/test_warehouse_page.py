"""docs/warehouse.md: its examples run, in their order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "warehouse.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_examples_run_in_their_order(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "warehouse_page"}
    examples = list(re.finditer(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
    for match in examples:
        line = TEXT.count("\n", 0, match.start(1))
        exec(compile("\n" * line + match[1], str(PAGE), "exec"), names)
    assert len(examples) == 6
    assert "is reproduced, equal to the last bit" in capsys.readouterr().out
    assert names["found"].events == ()
    assert names["run"].run_hash != names["other"].run_hash
