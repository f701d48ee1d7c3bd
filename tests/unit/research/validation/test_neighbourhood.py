from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.engine import run
from hyprl_lab.errors import CancelledError, InputError
from hyprl_lab.research.study import Study
from hyprl_lab.research.validation.neighbourhood import (
    Neighbour,
    Neighbourhood,
    neighbourhood,
)
from hyprl_lab.strategy.builtin import dual_sma

SPACE = {"fast": range(2, 12), "slow": range(20, 60, 5)}


def search(place: Path, space: dict[str, object] | None = None, **settings: object) -> Study:
    return hl.supersearch(
        hl.load_bars("TEST"),
        dual_sma(),
        SPACE if space is None else space,  # type: ignore[arg-type]
        warehouse=hl.Warehouse(place),
        progress=False,
        **settings,  # type: ignore[arg-type]
    )


def trials(study: Study) -> int:
    return int(study.warehouse.trial_count(study.lineage_root))


def made(sharpe: float | None, *others: float | None, edges: tuple[str, ...] = ()) -> Neighbourhood:
    return Neighbourhood(
        way="steps",
        moved=("fast",),
        fixed=(),
        edges=edges,
        params={"fast": 5.0},
        sharpe=sharpe,
        neighbours=tuple(Neighbour(params={"fast": 1.0}, sharpe=s, trial=1) for s in others),
    )


def test_by_hand() -> None:
    found = made(2.0, 0.8, 1.2, 1.6, 2.0, None)
    assert found.quarter == pytest.approx(0.8)  # of 0, .8, 1.2, 1.6, 2
    assert found.ratio == pytest.approx(0.4)
    assert found.part == pytest.approx(0.4)
    assert found.without == 1
    assert made(2.0, 0.8, edges=("fast",)).ratio == pytest.approx(0.2)
    assert made(2.0, 0.8, edges=("fast",)).part == pytest.approx(0.2)
    assert made(2.0, -0.8, edges=("fast",)).ratio == pytest.approx(-0.4)  # no gain by an edge
    assert made(2.0, 3.0).ratio == pytest.approx(1.5)
    assert made(2.0, 3.0).part == 1.0


def test_where_there_is_no_ratio() -> None:
    assert made(-0.5, -1.0).ratio is None
    assert made(-0.5, -1.0).part == 0.0
    assert "-0.50, not above 0" in str(made(-0.5, -1.0).reason)
    assert "no Sharpe ratio" in str(made(None, -1.0).reason)
    assert made(1.0).quarter is None
    assert made(1.0).part is None
    assert made(1.0, 1.0).reason is None


def test_of_a_grid_it_is_what_the_study_has(tmp_path: Path) -> None:
    study = search(tmp_path, where="fast * 3 < slow")
    assert study.best is not None
    before = trials(study)
    found = neighbourhood(study)
    known = study.neighbours(study.best)
    assert {one.trial for one in found.neighbours} == set(known.index)
    assert sorted(one.sharpe or 0 for one in found.neighbours) == sorted(known["objective"])
    assert found.sharpe == study.best.metrics.sharpe
    assert found.quarter == np.quantile(known["objective"], 0.25)
    assert found.evaluated == 0
    assert trials(study) == before
    assert Neighbourhood.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_what_the_search_left_out_is_evaluated_and_counted(tmp_path: Path) -> None:
    study = search(tmp_path, sampler="random", max_trials=12, seed=3)
    assert study.best is not None
    before = trials(study)
    found = neighbourhood(study)
    fresh = [one for one in found.neighbours if one.trial is None]
    assert found.evaluated == len(fresh) > 0
    assert trials(study) == before + len(fresh)
    for one in found.neighbours:
        again = run(study.search_bars, dual_sma(), params=one.params).metrics.sharpe
        assert one.sharpe == again
    neighbourhood(study)
    assert trials(study) == before + len(fresh)


def test_pruned_trials_are_evaluated_on_all_bars(tmp_path: Path) -> None:
    study = search(tmp_path, halving=hl.Halving(factor=3, rungs=2))
    assert study.pruned > 0
    before = trials(study)
    found = neighbourhood(study)
    states = study.trials()["state"]
    for one in found.neighbours:
        again = run(study.search_bars, dual_sma(), params=one.params).metrics.sharpe
        assert one.sharpe == pytest.approx(again, rel=1e-12)
        assert one.trial is None or states[one.trial] == "completed"
    assert found.evaluated > 0
    assert trials(study) == before  # a pruned trial was a try already


@pytest.mark.parametrize("window", [390, 1_000])  # of 400 bars
def test_those_without_a_ratio_count_as_nothing(tmp_path: Path, window: int) -> None:
    slow = hl.ta.sma(hl.close, hl.param("slow", 2, 2_000))
    rule = hl.Strategy(
        "rule", long_entry=hl.close.crosses_above(slow), long_exit=hl.close.crosses_below(slow)
    )
    study = hl.supersearch(
        hl.load_bars("TEST"),
        rule,
        {"slow": [9, window]},
        constraints=["trades >= 5"],
        warehouse=hl.Warehouse(tmp_path),
        progress=False,
    )
    found = neighbourhood(study)
    assert found.neighbours == (Neighbour(params={"slow": float(window)}, sharpe=None, trial=1),)
    assert (found.without, found.quarter, found.part) == (1, 0.0, 0.0)


def test_a_hypercube_is_evaluated_on_the_searched_bars_alone(tmp_path: Path) -> None:
    study = search(
        tmp_path,
        {"fast": hl.ints(2, 12), "slow": hl.ints(20, 60), "risk.fraction": hl.floats(0.2, 0.9)},
        risk=hl.FixedFraction(0.5),
        sampler="sobol",
        max_trials=16,
    )
    before = trials(study)
    found = neighbourhood(study, seed=5)
    assert found.way == "latin_hypercube"
    assert len(found.neighbours) > 50
    assert trials(study) == before + found.evaluated
    one = found.neighbours[0]
    again = run(
        study.search_bars,
        dual_sma(),
        params={name: one.params[name] for name in ("fast", "slow")},
        risk=hl.FixedFraction(one.params["risk.fraction"]),
    )
    assert one.sharpe == again.metrics.sharpe
    recorded = study.warehouse.sql("SELECT DISTINCT fingerprint FROM backtests")
    assert recorded["fingerprint"].tolist() == [study.search_bars.fingerprint]
    assert neighbourhood(study, seed=5) == found


def test_a_single_point_has_none(tmp_path: Path) -> None:
    found = neighbourhood(search(tmp_path, {"fast": [5], "slow": [20]}))
    assert found.neighbours == ()
    assert found.reason == "no parameter of the space has neighbouring values"


def test_without_a_choice_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing was chosen"):
        neighbourhood(search(tmp_path, constraints=["trades >= 100000"]))


def test_a_token_stops_it(tmp_path: Path) -> None:
    token = threading.Event()
    token.set()
    with pytest.raises(CancelledError, match="after 0 of"):
        neighbourhood(search(tmp_path), cancel=token)
