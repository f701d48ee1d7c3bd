"""A planned search against a ledger: entered, evaluated, closed, and told of when nothing met."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.engine import Execution, FixedFraction
from hyprl_lab.errors import LabError
from hyprl_lab.research.recording import backtest
from hyprl_lab.research.search import supersearch
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.research.study import Study
    from hyprl_lab.types import Progress

SPACE = {"fast": [3, 5], "slow": [20, 30]}


def test_the_study_in_the_ledger_is_the_one_returned(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    space = {**SPACE, "risk.fraction": [0.5, 1.0]}
    study = supersearch(
        load_bars("TEST"),
        dual_sma(),
        space,
        risk=FixedFraction(1.0),
        warehouse=warehouse,
        preset="mine@1:ab",
    )
    state = warehouse.study(study.study_id)
    assert (state.state, state.total, state.committed) == ("completed", 8, 8)
    assert state.param_names == ("fast", "risk.fraction", "slow")
    assert state.spec["preset"] == "mine@1:ab"
    assert state.summary == {"trials": 8}
    assert warehouse.verify().findings == ()


def test_a_search_that_was_done_is_opened_again_without_work(tmp_path: Path) -> None:
    warehouse, stopped = Warehouse(tmp_path), Event()
    seen: list[Progress] = []
    first = supersearch(load_bars("TEST"), dual_sma(), SPACE, warehouse=warehouse)
    stopped.set()
    second = supersearch(
        load_bars("TEST"),
        dual_sma(),
        SPACE,
        warehouse=warehouse,
        cancel=stopped,
        progress=seen.append,
    )
    assert (second.complete, second.evaluated) == (True, 0)
    assert [(step.done, step.before) for step in seen] == [(4, 4)]
    assert first.best is not None
    assert seen[0].best == first.best.objective
    assert seen[0].leaders[0].params == first.best.params


def test_nothing_met_is_remarked_with_the_nearest(tmp_path: Path) -> None:
    study = supersearch(
        load_bars("TEST"),
        dual_sma(),
        SPACE,
        constraints=["trades >= 1000"],
        warehouse=Warehouse(tmp_path),
    )
    assert study.best is None
    most = study.trials()["trades"].idxmax()
    said = " ".join(study.remarks)
    assert "trades >= 1000" in said
    assert f"trial {most} (" in said
    met = supersearch(
        load_bars("TEST"), dual_sma(), SPACE, warehouse=study.warehouse, execution=Execution()
    )
    assert met.remarks == ()


def test_where_all_failed_it_is_said_with_the_reason(tmp_path: Path) -> None:
    def search() -> Study:
        return supersearch(
            load_bars("TEST").take(0, 40),
            dual_sma(),
            {"fast": [3, 5], "slow": [50, 90]},
            warehouse=Warehouse(tmp_path),
        )

    study = search()
    assert study.first_error is not None
    assert study.remarks == (f"4 of 4 trials failed, and none completed: {study.first_error}",)
    (again,) = search().remarks  # the ledger does not keep the reason
    assert again.startswith("4 of 4 trials failed, and none completed: hl.backtest")
    with pytest.raises(LabError) as caught:
        backtest(study.search_bars, dual_sma(), params={"fast": 3, "slow": 50}, record=False)
    assert str(caught.value) in study.first_error
