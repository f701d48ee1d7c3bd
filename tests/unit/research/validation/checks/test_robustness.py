from __future__ import annotations

from pathlib import Path

import pytest

import hyprl_lab as hl
from hyprl_lab.research.study import Study
from hyprl_lab.research.validation.checks.walk_forward import NO_SEARCH
from hyprl_lab.research.validation.neighbourhood import Neighbourhood
from hyprl_lab.research.validation.score import Robustness
from hyprl_lab.research.validation.stress import Stress
from hyprl_lab.strategy.builtin import dual_sma

NAMES = (
    "robustness_score",
    "robustness_neighbourhood",
    "robustness_walk_forward",
    "robustness_costs",
    "robustness_time",
)
SPACE = {"fast": [2, 3, 4], "slow": [6, 9, 12]}


def search(place: Path, **settings: object) -> Study:
    return hl.supersearch(
        hl.load_bars("TEST"),
        dual_sma(),
        SPACE,
        warehouse=hl.Warehouse(place),
        progress=False,
        **settings,  # type: ignore[arg-type]
    )


def test_its_readings(read) -> None:
    found = Robustness(
        score=61.6,
        neighbourhood=0.8,
        walk_forward=1.0,
        costs=0.75,
        time=0.5,
        profits=(0.1,) * 6 + (-0.1,) * 2,
        reasons={},
    )
    rows = read("robustness", found=found)
    assert [rows[name].value for name in NAMES] == [61.6, 0.8, 1.0, 0.75, 0.5]
    assert rows[NAMES[0]].reading.endswith("on a lucky stretch, it scores 62.")
    assert rows[NAMES[1]].reading == (
        "Of its Sharpe ratio 80% is left with parameters beside the chosen ones."
    )
    assert rows[NAMES[4]].reading == (
        "6 of 8 equal stretches of time were in profit, 50% of the way from one in two to all."
    )


def test_it_is_made_of_what_the_other_checks_found(tmp_path: Path) -> None:
    study = search(tmp_path)
    names = ["stress", "neighbourhood", "walk_forward", "robustness"]
    found = hl.validate(study, checks=names, windows=2)
    near, worse, walk = (
        found.evidence[name] for name in ("neighbourhood", "stress", "walk_forward")
    )
    assert isinstance(near, Neighbourhood)
    assert isinstance(worse, Stress)
    assert found.walk_forward is walk
    base, both = worse.base.sharpe, worse.both.sharpe
    assert base is not None
    assert both is not None
    parts = [float(found.row(name).value or 0.0) for name in NAMES[1:]]
    ratio = 0.0 if base <= 0 else min(1.0, max(0.0, both / base))
    assert parts[2] == pytest.approx(ratio)
    assert parts[0] == near.part
    efficiency = found.walk_forward.efficiency  # type: ignore[union-attr]
    assert parts[1] == min(1.0, max(0.0, efficiency or 0.0))
    product = parts[0] * parts[1] * parts[2] * parts[3]
    expected = 100.0 * product**0.25 if base > 0 else 0.0
    assert found.row(NAMES[0]).value == pytest.approx(expected)
    alone = hl.validate(study, checks=["robustness"], windows=2)
    assert [alone.row(name) for name in NAMES] == [found.row(name) for name in NAMES]


def test_a_study_that_loses_scores_nothing(tmp_path: Path) -> None:
    study = search(tmp_path, execution=hl.Execution(fee_bps=100))
    assert study.best is not None
    assert float(study.best.metrics.sharpe or 0.0) < 0.0
    found = hl.validate(study, checks=["robustness"], windows=2)
    assert found.row(NAMES[0]).value == 0.0
    assert found.row(NAMES[3]).value == 0.0


def test_why_there_is_none(tmp_path: Path) -> None:
    home, bars = hl.Warehouse(tmp_path), hl.load_bars("TEST")
    run = hl.backtest(bars, dual_sma(), params={"fast": 3, "slow": 9}, warehouse=home)
    found = hl.validate(run, checks=["robustness"])
    assert [found.row(name).reason for name in NAMES[:3]] == [NO_SEARCH] * 3
    assert found.row(NAMES[3]).value is not None
    assert found.row(NAMES[4]).value is not None
    never = hl.backtest(bars, hl.Strategy("never", long_entry=hl.close > 1e9), warehouse=home)
    rows = hl.validate(never, checks=["robustness"]).rows
    assert ["do not vary" in str(row.reason) for row in rows] == [True] * 5
