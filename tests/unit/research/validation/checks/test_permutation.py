from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

import hyprl_lab as hl
from hyprl_lab.research.null import SearchNull, search_null
from hyprl_lab.research.validation.checks import CHECKS
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.research.study import Study

NULL = SearchNull(
    form="search",
    kind="permutation",
    statistic="sharpe",
    real=1.5,
    scores=np.repeat([1.0, 2.0], [629, 370]),
    markets=999,
    stop_after=None,
    trials=4851,
    seed=0,
)


def search(place: Path, **settings: object) -> Study:
    arguments = {"warehouse": hl.Warehouse(place), "progress": False} | settings
    space = {"fast": [2, 3, 4], "slow": [6, 9, 12]}
    return hl.supersearch(hl.load_bars("TEST"), dual_sma(), space, **arguments)  # type: ignore[arg-type]


def test_its_readings(read) -> None:
    row = read("permutation", found=NULL)["permutation_p_value"]
    assert row.value == 0.371
    assert row.reading == (
        "The best of 4,851 tries on markets without memory scores this in 37.1% of cases "
        "(370 of 999 permuted markets; the real one counts among them)."
    )
    early = replace(NULL, scores=NULL.scores[600:649], stop_after=20)
    row = read("permutation", found=early)["permutation_p_value"]
    assert row.value == 20 / 49
    assert "20 of 49 permuted markets, after which no more were needed)." in row.reading
    assert (
        "of one try on"
        in read("permutation", found=replace(NULL, trials=1))["permutation_p_value"].reading
    )


def test_a_study_is_searched_again(tmp_path: Path) -> None:
    study = search(tmp_path)
    found = hl.validate(study, checks=["permutation"], permutations=60, seed=3)
    null = found.evidence["permutation"]
    assert isinstance(null, SearchNull)
    expected = search_null(study, markets=60, seed=3, stop_after=20)
    assert null.to_dict() == expected.to_dict()
    assert found.row("permutation_p_value").value == expected.p_value
    assert found.to_dict()["evidence"]["permutation"]["scores"] == null.scores.tolist()  # type: ignore[index, call-overload]
    assert found.ledger.trials == 9


def test_asking_again_says_the_same(tmp_path: Path) -> None:
    study = search(tmp_path)
    first, again = (
        hl.validate(study, checks=["permutation"], permutations=40, threads=threads)
        for threads in (1, 2)
    )
    assert first.hash == again.hash


def test_why_there_is_none(tmp_path: Path) -> None:
    run = hl.backtest(
        hl.load_bars("TEST"),
        dual_sma(),
        params={"fast": 3, "slow": 9},
        warehouse=hl.Warehouse(tmp_path),
    )
    row = hl.validate(run, checks=["permutation"]).row("permutation_p_value")
    assert row.value is None
    assert "a single run has no space to search again" in str(row.reason)
    unmet = search(tmp_path, constraints=["trades >= 100000"])
    row = hl.validate(unmet, checks=["permutation"]).row("permutation_p_value")
    assert row.reason == "no trial of the study met the constraints"


def test_the_two_that_take_longest_stand_last() -> None:
    assert list(CHECKS)[-2:] == ["permutation", "walk_forward_permutation"]
