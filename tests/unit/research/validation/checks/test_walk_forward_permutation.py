from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

import hyprl_lab as hl
from hyprl_lab.research.null import SearchNull, walk_forward_null
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.research.study import Study

NULL = SearchNull(
    form="walk_forward",
    kind="permutation",
    statistic="out-of-sample Sharpe ratio",
    real=0.8,
    scores=np.repeat([0.1, 0.9], [190, 9]),
    markets=199,
    stop_after=None,
    trials=45,
    seed=0,
)
ASKED = {"checks": ["walk_forward_permutation"], "windows": 2}


def search(place: Path, **settings: object) -> Study:
    arguments = {"warehouse": hl.Warehouse(place), "progress": False} | settings
    space = {"fast": [2, 3, 4], "slow": [6, 9, 12]}
    return hl.supersearch(hl.load_bars("TEST"), dual_sma(), space, **arguments)  # type: ignore[arg-type]


def test_its_readings(read) -> None:
    row = read("walk_forward_permutation", found=NULL)["walk_forward_permutation_p_value"]
    assert row.value == 0.05
    assert row.reading == (
        "Searched anew and traded on unseen bars that are chance, an annual Sharpe ratio of 0.80 "
        "comes in 5.0% of cases (9 of 199 permuted markets; the real one counts among them)."
    )
    early = replace(NULL, scores=np.full(20, 1.0), stop_after=20)
    row = read("walk_forward_permutation", found=early)["walk_forward_permutation_p_value"]
    assert row.value == 1.0
    assert "20 of 20 permuted markets, after which no more were needed" in row.reading


def test_a_study_is_walked_again(tmp_path: Path) -> None:
    study = search(tmp_path)
    found = hl.validate(study, **ASKED, walk_forward_permutations=30, seed=3)  # type: ignore[arg-type]
    null = found.evidence["walk_forward_permutation"]
    assert isinstance(null, SearchNull)
    expected = walk_forward_null(study, windows=2, markets=30, seed=3, stop_after=20)
    assert null.to_dict() == expected.to_dict()
    assert found.row("walk_forward_permutation_p_value").value == expected.p_value
    both = hl.validate(
        study,
        checks=["walk_forward", "walk_forward_permutation"],
        windows=2,
        walk_forward_permutations=30,
        seed=3,
    )
    assert both.walk_forward is not None
    assert null.real == both.walk_forward.out_of_sample_sharpe


def test_why_there_is_none(tmp_path: Path) -> None:
    name = "walk_forward_permutation_p_value"
    run = hl.backtest(
        hl.load_bars("TEST"),
        dual_sma(),
        params={"fast": 3, "slow": 9},
        warehouse=hl.Warehouse(tmp_path),
    )
    row = hl.validate(run, **ASKED).row(name)  # type: ignore[arg-type]
    assert "a single run has no space to search again" in str(row.reason)
    unmet = search(tmp_path, constraints=["trades >= 100000"])
    row = hl.validate(unmet, **ASKED).row(name)  # type: ignore[arg-type]
    assert row.reason == "the out-of-sample returns do not vary"
