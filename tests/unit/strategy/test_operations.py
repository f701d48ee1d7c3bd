import re
from pathlib import Path

import pytest

from hyprl_lab.strategy.operations import (
    ARITHMETIC,
    BAR_COLUMNS,
    COMMUTATIVE,
    OPERATIONS,
    READS_BARS,
    Lookback,
)

DOC = Path(__file__).parents[3] / "docs" / "strategy-graph.md"


def documented() -> set[str]:
    table = DOC.read_text(encoding="utf-8").split("## Nodes", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {op for row in rows for cell in re.findall("`([^`]+)`", row) for op in cell.split()}


def test_the_table_is_the_documented_one():
    assert set(OPERATIONS) == documented()


def test_the_groups_are_operations():
    assert set(OPERATIONS) >= ARITHMETIC | COMMUTATIVE | READS_BARS
    assert set(BAR_COLUMNS) == {"atr", "plus_di", "minus_di", "dx", "adx", "sar"}
    assert BAR_COLUMNS["sar"] == ("high", "low")


def test_scalars_have_a_domain_and_windows_a_lookback():
    counted = {Lookback.WINDOW, Lookback.WINDOW_LESS_ONE, Lookback.TWO_WINDOWS_LESS_ONE}
    for row in OPERATIONS.values():
        assert bool(row.places("scalar")) == (row.domain is not None), row.name
        assert bool(row.places("window")) == (row.lookback in counted), row.name


@pytest.mark.parametrize(
    ("op", "inside", "outside"),
    [
        ("quantile", (0.0, 0.25, 1.0), (-1e-300, 1.0000000000000002)),
        ("sar", (5e-324, 0.02, 1e300), (0.0, -0.1)),
    ],
)
def test_a_domain_has_its_ends(op, inside, outside):
    domain = OPERATIONS[op].domain
    assert all(domain.holds(value) for value in inside)
    assert not any(domain.holds(value) for value in outside)


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        OPERATIONS["peek"] = OPERATIONS["add"]
