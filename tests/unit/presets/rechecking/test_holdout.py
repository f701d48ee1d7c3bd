from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.presets.held_out import held_out, opened
from hyprl_lab.presets.rechecking.holdout import holdout_lines
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.validation.subject import subject_of
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma


@pytest.fixture
def seen(document: dict[str, Any], warehouse: Warehouse) -> dict[str, Any]:
    """The document as a profile that asks for the holdout would have signed it."""
    study = supersearch(
        load_bars("TEST"),
        dual_sma(),
        {"fast": [2, 3], "slow": [5, 6]},
        constraints=["trades >= 30"],
        warehouse=warehouse,
    )
    assert study.study_id == document["evidence"]["study_id"]
    closed = held_out(subject_of(study))
    assert closed is not None
    found = opened(closed, study)
    assert found.sharpe is not None
    verdict = document["evidence"]["verdict"]
    verdict["holdout"] = found.to_dict()
    validated = document["evidence"]["validation"]["rows"]
    (outside,) = (row for row in validated if row["name"] == "walk_forward_sharpe")
    outside["value"] = 0.8  # so few bars leave it undefined
    values = {
        "holdout_looks": found.looks.runs + found.looks.openings,
        "holdout_searches": 0,
        "holdout_sharpe": found.sharpe,
        "holdout_sharpe_ratio": found.sharpe / 0.8,
    }
    verdict["checks"] += [
        {**verdict["checks"][0], "name": name, "metric": name, "value": value}
        for name, value in values.items()
    ]
    return document


def failed(document: dict[str, Any], warehouse: Warehouse) -> list[str]:
    return [line.part for line in holdout_lines(document, warehouse) if line.ok is False]


def test_a_holdout_that_was_opened_is_found_as_it_was(
    seen: dict[str, Any], warehouse: Warehouse
) -> None:
    lines = list(holdout_lines(seen, warehouse))
    assert all(line.ok for line in lines), [str(line) for line in lines]
    assert [line.part for line in lines][-2:] == ["holdout", "holdout opening"]
    assert len(lines) == 10


def test_one_that_stayed_closed_has_nothing_kept(
    document: dict[str, Any], warehouse: Warehouse
) -> None:
    assert document["evidence"]["verdict"]["holdout"]["run_hash"] is None
    lines = list(holdout_lines(document, warehouse))
    assert [line.part for line in lines if line.ok] == [
        *("holdout start", "holdout ledger", "holdout lineage", "holdout looks start"),
    ]
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda h: h.update(sharpe=3.0), "holdout opening"),
        (lambda h: h.update(sharpe=3.0), "row holdout_sharpe, holdout"),
        (lambda h: h.update(sharpe=3.0), "row holdout_sharpe_ratio, holdout"),
        (lambda h: h.update(openings=7), "holdout"),
        (lambda h: h.update(key="0" * 64), "holdout"),
        (lambda h: h.update(start=h["start"] + 1), "holdout start"),
        (lambda h: h.update(ledger_id="another"), "holdout ledger"),
        (lambda h: h["looks"].update(lineage_root="another"), "holdout lineage"),
        (lambda h: h["looks"].update(start=0), "holdout looks start"),
        (lambda h: h["looks"].update(runs=9), "row holdout_looks, holdout"),
        (lambda h: h["looks"].update(searches=1), "row holdout_searches, holdout"),
    ],
)
def test_what_was_changed_is_named(
    seen: dict[str, Any], warehouse: Warehouse, change: Any, part: str
) -> None:
    changed = deepcopy(seen)
    change(changed["evidence"]["verdict"]["holdout"])
    assert part in failed(changed, warehouse)


def test_a_root_that_was_merged_with_the_verdicts_is_its_lineage(
    seen: dict[str, Any], tmp_path: Path
) -> None:
    """The bars of a promotion bridge two roots that were counted apart before."""
    other, bars = Warehouse(tmp_path / "other"), load_bars("TEST")
    roots = [other.lineage_root(bars.take(*ends)) for ends in ((0, 100), (200, 500))]
    verdict = seen["evidence"]["verdict"]
    verdict["lineage_root"], verdict["holdout"]["looks"]["lineage_root"] = roots
    assert len(set(roots)) == 2
    assert "holdout lineage" in failed(seen, other)
    other.lineage_root(bars)
    assert "holdout lineage" not in failed(seen, other)


def test_rows_that_no_holdout_stands_behind(seen: dict[str, Any], warehouse: Warehouse) -> None:
    seen["evidence"]["verdict"]["holdout"] = None
    assert failed(seen, warehouse) == [
        f"row {name}, holdout"
        for name in ("holdout_looks", "holdout_searches", "holdout_sharpe", "holdout_sharpe_ratio")
    ]


def test_a_preset_of_before_holdouts_were_told(
    document: dict[str, Any], warehouse: Warehouse
) -> None:
    del document["evidence"]["verdict"]["holdout"]
    assert list(holdout_lines(document, warehouse)) == []


def test_an_opening_in_another_warehouse_is_none_here(seen: dict[str, Any], tmp_path: Path) -> None:
    other = Warehouse(tmp_path / "other")
    assert failed(seen, other) == ["holdout", "holdout opening"]
