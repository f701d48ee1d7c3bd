import re
from pathlib import Path

import pytest

from hyprl_lab.strategy.operations import ARITHMETIC, COMMUTATIVE, OPERATIONS

DOC = Path(__file__).parents[3] / "docs" / "strategy-graph.md"


def documented() -> set[str]:
    table = DOC.read_text(encoding="utf-8").split("## Nodes", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {op for row in rows for cell in re.findall("`([^`]+)`", row) for op in cell.split()}


def test_the_table_is_the_documented_one():
    assert set(OPERATIONS) == documented()


def test_the_groups_are_operations():
    assert set(OPERATIONS) >= ARITHMETIC | COMMUTATIVE


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        OPERATIONS["peek"] = OPERATIONS["add"]
