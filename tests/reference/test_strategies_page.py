"""docs/strategies.md: its examples run, and every built-in strategy stands there as it is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.strategy import builtin

PAGE = Path(__file__).resolve().parents[2] / "docs" / "strategies.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_examples_run_in_their_order() -> None:
    names: dict[str, Any] = {"__name__": "strategies_page"}
    for match in re.finditer(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL):
        line = TEXT.count("\n", 0, match.start(1))
        exec(compile("\n" * line + match[1], str(PAGE), "exec"), names)
    assert names["result"].metrics.trades > 0


@pytest.mark.parametrize("name", builtin.names())
def test_a_built_in_strategy_stands_there_as_it_is_told(name: str) -> None:
    row = builtin.row(name)
    section = TEXT.split(f"\n### {name}\n")[1].split("\n### ")[0].split("\n## ")[0]
    for part in (row.title, row.idea, row.rules, row.weakness, row.source):
        assert part in section, part
    for parameter, said in hl.strategies.schema(name)["properties"].items():  # type: ignore[union-attr]
        assert f"`{parameter}` {said['minimum']:g} to {said['maximum']:g}" in section
    usual = ", ".join(f"`{key}` {value:g}" for key, value in row.params.items())
    assert f"| [`{name}`](#{name}) | {row.title} | {usual} |" in TEXT


def test_no_strategy_stands_there_that_is_none() -> None:
    assert re.findall(r"^\| \[`(\w+)`\]", TEXT, re.MULTILINE) == builtin.names()
