from __future__ import annotations

from pathlib import Path

import pytest

import hyprl_lab as hl
from hyprl_lab.research.study import Study
from hyprl_lab.research.validation.checks.walk_forward import NO_SEARCH
from hyprl_lab.research.validation.neighbourhood import (
    Neighbour,
    Neighbourhood,
    neighbourhood,
)
from hyprl_lab.strategy.builtin import dual_sma

NAMES = ("neighbourhood_sharpe_25", "neighbourhood_ratio")


def made(sharpe: float, *others: float | None, edges: tuple[str, ...] = ()) -> Neighbourhood:
    return Neighbourhood(
        way="steps",
        moved=("fast", "slow"),
        fixed=(),
        edges=edges,
        params={"fast": 5.0, "slow": 9.0},
        sharpe=sharpe,
        neighbours=tuple(Neighbour(params={}, sharpe=one, trial=0) for one in others),
    )


def search(place: Path, space: dict[str, object], **settings: object) -> Study:
    return hl.supersearch(
        hl.load_bars("TEST"),
        dual_sma(),
        space,  # type: ignore[arg-type]
        warehouse=hl.Warehouse(place),
        progress=False,
        **settings,  # type: ignore[arg-type]
    )


def test_its_readings(read) -> None:
    rows = read("neighbourhood", found=made(2.0, 0.8, 1.2, 1.6, 2.0, None, edges=("slow",)))
    assert rows[NAMES[0]].value == pytest.approx(0.8)
    assert rows[NAMES[0]].reading == (
        "A quarter of the 5 parameter sets one step away have an annual Sharpe ratio below 0.80 (1 "
        "without a Sharpe ratio count as 0)."
    )
    assert rows[NAMES[1]].value == pytest.approx(0.2)
    assert rows[NAMES[1]].reading == (
        "That is 40% of the chosen parameters' 2.00, halved as slow was chosen at the end of what "
        "was searched."
    )
    inner = read("neighbourhood", found=made(2.0, 1.0))[NAMES[1]]
    assert inner.reading == "That is 50% of the chosen parameters' 2.00."


def test_a_choice_that_loses_has_no_ratio(read) -> None:
    rows = read("neighbourhood", found=made(-0.5, -1.0))
    assert rows[NAMES[0]].value == -1.0
    assert rows[NAMES[1]].value is None
    assert "not above 0" in str(rows[NAMES[1]].reason)


def test_of_a_study(tmp_path: Path) -> None:
    study = search(
        tmp_path, {"fast": range(2, 12), "slow": range(20, 60, 5)}, sampler="random", max_trials=12
    )
    before = study.warehouse.trial_count(study.lineage_root)
    found = hl.validate(study, checks=["neighbourhood"])
    kept = found.evidence["neighbourhood"]
    assert isinstance(kept, Neighbourhood)
    assert kept.evaluated > 0
    assert found.ledger.trials == before + kept.evaluated
    assert found.row(NAMES[0]).value == kept.quarter
    looks = len(study.warehouse.sql("SELECT * FROM backtests"))
    again = hl.validate(study, checks=["neighbourhood"])
    assert again.hash == found.hash
    assert len(study.warehouse.sql("SELECT * FROM backtests")) == looks == kept.evaluated
    assert neighbourhood(study).quarter == kept.quarter


def test_why_there_is_none(tmp_path: Path) -> None:
    alone = hl.validate(search(tmp_path, {"fast": [5], "slow": [20]}), checks=["neighbourhood"])
    assert [row.value for row in alone.rows] == [None, None]
    assert "no parameter of the space" in str(alone.rows[0].reason)
    unmet = search(tmp_path, {"fast": [5, 6], "slow": [20]}, constraints=["trades >= 100000"])
    rows = hl.validate(unmet, checks=["neighbourhood"]).rows
    assert {row.reason for row in rows} == {"no trial of the study met the constraints"}
    run = hl.backtest(
        hl.load_bars("TEST"),
        dual_sma(),
        params={"fast": 3, "slow": 9},
        warehouse=hl.Warehouse(tmp_path),
    )
    assert {row.reason for row in hl.validate(run, checks=["neighbourhood"]).rows} == {NO_SEARCH}
