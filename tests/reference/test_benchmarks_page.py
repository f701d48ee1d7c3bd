"""docs/benchmarks.md shows what docs/benchmarks.json holds, and does not hide what lost."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def page() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_page", ROOT / "tests/bench/page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def budget(measured: float, **limit: float) -> dict[str, Any]:
    return {"what": "some work", "unit": "ns", "measured": measured, **limit}


def report(**rows: dict[str, Any]) -> dict[str, Any]:
    machine = {
        "processor": "one", "cores": 2, "platform": "here", "python": "3", "hyprl_lab": "1",
        "sizes": "full",
    }  # fmt: skip
    return {"machine": machine, **rows}


def test_the_page_shows_the_figures_of_the_last_run(page: ModuleType) -> None:
    measured = json.loads((ROOT / "docs/benchmarks.json").read_text(encoding="utf-8"))
    written = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    assert page.with_figures(written, measured) == written
    assert measured["machine"]["sizes"] == "full"
    assert all("compared_with" in row for name, row in measured.items() if name != "machine")


def test_a_missed_budget_is_named_among_what_lost(page: ModuleType) -> None:
    found = report(
        one={"budgets": [budget(2.5, at_most=2.0), budget(1.9, at_most=2.0)]},
        other={"budgets": [budget(900.0, at_least=1_000.0), budget(1_000.0, at_least=1_000.0)]},
    )
    assert page.lost(found).splitlines() == [
        "- some work: 2.5 ns, budget ≤ 2 ns.",
        "- some work: 900 ns, budget ≥ 1,000 ns.",
    ]
    rows = page.budgets(found).splitlines()[2:]
    assert [row.split("|")[4].strip() for row in rows] == [
        "**missed**", "met", "**missed**", "met",
    ]  # fmt: skip


def test_what_was_slower_than_its_peer_is_named_too(page: ModuleType) -> None:
    found = report()
    found["search:slow"] = {"times_faster_than_vectorbt": {"native": 0.5, "vectorbt": 1.0}}
    found["indicator:rank"] = {"ratio_median": 1.25}
    found["indicator:sma"] = {"ratio_median": 0.8}
    assert page.lost(found).splitlines() == [
        "- slow: native took 2.00 times as long as vectorbt.",
        "- rank: 1.25 times as long as TA-Lib.",
    ]


def test_a_run_without_losses_says_so_and_small_sizes_too(page: ModuleType) -> None:
    found = report(one={"budgets": [budget(1.0, at_most=2.0)]})
    assert page.lost(found) == "Nothing in this run."
    assert "mean nothing" not in page.measured_on(found)
    found["machine"]["sizes"] = "small"
    assert "figures mean nothing" in page.measured_on(found)


def test_words_around_the_figures_stay(page: ModuleType) -> None:
    found = report(one={"budgets": [budget(1.0, at_most=2.0)]})
    text = f"before\n{page.BEGIN}\nnot these\n{page.END}\nafter\n"
    once = page.with_figures(text, found)
    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")
    assert "not these" not in once
    assert page.with_figures(once, found) == once
    with pytest.raises(SystemExit, match="wants a line"):
        page.with_figures("no marks", found)
