"""docs/calibration.md shows what docs/calibration.json holds, and does not hide what missed."""

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
    path = ROOT / "tests/calibration/page.py"
    spec = importlib.util.spec_from_file_location("calibration_page", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def row(kind: str, searches: int, promoted: int, sharpe: float = 0.0, **refused: int) -> Any:
    return {
        "kind": kind, "sharpe": sharpe, "searches": searches, "promoted": promoted,
        "low": 0.0, "high": 1.0, "refused": refused, "found_sharpe": 1.0, "seconds": 2.0,
    }  # fmt: skip


def report(**rows: list[Any]) -> dict[str, Any]:
    empty = {"noise": [], "near_duplicates": [], "planted": [], "plateau": [], "alone": []}
    return {**empty, "true_sharpe": {}, **rows}


def test_the_page_shows_the_figures_of_the_last_run(page: ModuleType) -> None:
    measured = json.loads((ROOT / "docs/calibration.json").read_text(encoding="utf-8"))
    written = (ROOT / "docs/calibration.md").read_text(encoding="utf-8")
    assert page.with_figures(written, measured) == written


def test_the_last_run_kept_what_is_promised() -> None:
    measured = json.loads((ROOT / "docs/calibration.json").read_text(encoding="utf-8"))
    [noise], [alike] = measured["noise"], measured["near_duplicates"]
    [strong] = [one for one in measured["planted"] if one["sharpe"] == 2.0]
    assert noise["promoted"] <= 0.05 * noise["searches"]
    assert alike["promoted"] <= 0.05 * alike["searches"]
    assert strong["promoted"] >= 0.80 * strong["searches"]


def test_a_missed_bound_is_said(page: ModuleType) -> None:
    found = report(
        noise=[row("noise", 100, 6)],
        near_duplicates=[row("near-duplicates", 100, 5)],
        planted=[row("planted", 10, 7, 2.0), row("planted", 10, 1, 1.0)],
    )
    cells = [line.split("|")[6].strip() for line in page.promoted(found).splitlines()[2:]]
    assert cells == ["≤ 5 %: **missed**", "≤ 5 %: met", "≥ 80 %: **missed**", ""]


def test_what_refused_most_stands_first(page: ModuleType) -> None:
    found = report(
        noise=[row("noise", 9, 0, few=2, many=7)], planted=[row("planted", 5, 4, 2.0, few=1)]
    )
    lines = page.refusals(found).splitlines()
    assert lines[2:] == ["| `many` | 7 |  |", "| `few` | 2 | 1 |"]
    alone = page.alone(report(alone=[row("noise", 8, 0, few=2, many=8)]))
    assert alone.splitlines()[2:] == ["| `many` | 100% |", "| `few` | 25% |"]


def test_words_around_the_figures_stay(page: ModuleType) -> None:
    found = report(noise=[row("noise", 9, 0)])
    text = f"before\n{page.BEGIN}\nnot these\n{page.END}\nafter\n"
    once = page.with_figures(text, found)
    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")
    assert "not these" not in once
    assert page.with_figures(once, found) == once
    with pytest.raises(SystemExit, match="wants a line"):
        page.with_figures("no marks", found)
