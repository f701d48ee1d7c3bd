"""Studies of several bars."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.research import supersearch
from hyprl_lab.research.space import ints
from hyprl_lab.research.study import StudyGroup
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hyprl_lab.data import Bars
    from hyprl_lab.research.study import Study

    Write = Callable[..., Study]

SPACE = {"fast": [5, 6], "slow": [20, 30]}


@pytest.fixture
def group(written: Write) -> StudyGroup:
    """AAA: 1 2 3 4; BBB: 4 1 2 and one that was pruned."""
    first = written(SPACE, {"sharpe": [1, 2, 3, 4]}, name="aaa")
    second = written(
        SPACE, {"sharpe": [4, 1, 2, 9]}, name="bbb", states=["completed"] * 3 + ["pruned"]
    )
    bars = [
        dataclasses.replace(study.bars, symbol=name)
        for study, name in ((first, "AAA"), (second, "BBB"))
    ]
    return StudyGroup(
        [
            dataclasses.replace(study, bars=own)
            for study, own in zip((first, second), bars, strict=True)
        ]
    )


def test_a_group_is_a_sequence_of_its_studies(group: StudyGroup) -> None:
    assert len(group) == 2
    assert [study.bars.symbol for study in group] == ["AAA", "BBB"]
    assert group["BBB"] is group[1] is group[-1]
    assert group[:1].names == ["AAA"]
    with pytest.raises(NotFoundError, match=r"'CCC'; there are \['AAA', 'BBB'\]"):
        group["CCC"]


def test_every_trial_with_its_bars(group: StudyGroup) -> None:
    found = group.trials()
    assert found["bars"].tolist() == ["AAA"] * 4 + ["BBB"] * 4
    assert found.columns[1:4].tolist() == ["state", "fast", "slow"]
    assert found.loc[(1, 3), "state"] == "pruned"


def test_the_best_over_all(group: StudyGroup) -> None:
    found = group.top(3)
    assert found["objective"].tolist() == [4.0, 4.0, 3.0]
    assert found["bars"].tolist() == ["AAA", "BBB", "AAA"]
    assert found.index.tolist() == [(0, 3), (1, 0), (0, 2)]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("mean", {(5, 20): 2.5, (6, 20): 2.5, (5, 30): 1.5}),
        ("min", {(6, 20): 2.0, (5, 20): 1.0, (5, 30): 1.0}),
        ("median", {(5, 20): 2.5, (6, 20): 2.5, (5, 30): 1.5}),
    ],
)
def test_sets_that_hold_on_all_bars(
    group: StudyGroup, how: str, expected: dict[tuple[int, int], float]
) -> None:
    found = group.across(how)  # type: ignore[arg-type]
    keys = list(zip(found["fast"], found["slow"], strict=True))
    assert keys == list(expected)
    assert found["objective"].tolist() == list(expected.values())
    assert found.columns.tolist() == ["fast", "slow", "objective", "AAA", "BBB"]
    assert len(group.across(how, 1)) == 1  # type: ignore[arg-type]


@pytest.fixture
def two(written: Write) -> StudyGroup:
    """Two studies over two objectives."""
    wanted = {"objective": ["sharpe", "-max_drawdown"]}
    first = {"sharpe": [1, 2, 3, 0], "max_drawdown": [0.1, 0.2, 0.3, 0.4]}
    second = {"sharpe": [1.5, 2.5, 0.5, 4], "max_drawdown": [0.2, 0.15, 0.05, 0.5]}
    return StudyGroup(
        [
            written(SPACE, first, name="first", **wanted),
            written(SPACE, second, name="second", **wanted),
        ]
    )


def test_the_front_is_of_all_studies(two: StudyGroup) -> None:
    found = two.pareto()
    assert found.columns[:3].tolist() == ["bars", "objective", "objective_2"]
    # the second trial of the first study is on its own front, and the other's second beats it
    assert found.index.tolist() == [(1, 3), (0, 2), (1, 1), (0, 0), (1, 2)]
    assert found["objective"].tolist() == [4.0, 3.0, 2.5, 1.0, 0.5]
    assert found["objective_2"].tolist() == [-0.5, -0.3, -0.15, -0.1, -0.05]
    assert found["bars"].tolist() == [two.names[place] for place, _ in found.index]
    assert 1 in two[0].pareto().index


def test_one_objective_has_a_front_of_the_best(group: StudyGroup) -> None:
    assert group.pareto().index.tolist() == [(0, 3), (1, 0)]


def test_across_says_which_objective_it_is_about(two: StudyGroup) -> None:
    usual = two.across("min")
    pd.testing.assert_frame_equal(usual, two.across("min", objective="sharpe"))
    assert usual["objective"].tolist() == [2.0, 1.0, 0.5, 0.0]
    calm = two.across("min", objective="-max_drawdown")
    assert calm["objective"].tolist() == [-0.2, -0.2, -0.3, -0.5]
    with pytest.raises(InputError, match=r"objective is 'cagr'; the search has \['sharpe', '-max"):
        two.across("min", objective="cagr")


def test_other_objectives_do_not_compare(group: StudyGroup, two: StudyGroup) -> None:
    mixed = StudyGroup([group[0], two[0]])
    for ask in (mixed.pareto, mixed.across):
        with pytest.raises(InputError, match=r"objectives \['sharpe'\] and \['sharpe', '-max_draw"):
            ask()


def test_bars_of_one_symbol_have_dates(study: Study, written: Write) -> None:
    first, last = (np.datetime64(int(study.search_bars.ts[at]), "us") for at in (0, -1))
    early = dataclasses.replace(study, search_bars=study.search_bars.take(0, 500))
    names = StudyGroup([early, study]).names
    assert names[1] == f"SP500 1d {str(first)[:10]} to {str(last)[:10]}"
    assert names[0].startswith(f"SP500 1d {str(first)[:10]} to 2000-")
    assert StudyGroup([study, study]).names[1].endswith(" #2")


def test_how_it_looks(group: StudyGroup) -> None:
    assert repr(group) == "StudyGroup(2 studies, 8 trials: AAA, BBB)"
    page = group._repr_html_()
    assert "<th>bars</th>" in page
    assert page.count("<td>AAA</td>") == 4
    told = dataclasses.replace(group[0], remarks=("nothing met",))
    assert "<li>AAA: nothing met</li>" in StudyGroup([told, group[1]])._repr_html_()


def test_nothing_ranked_anywhere(written: Write) -> None:
    study = written(SPACE, {}, name="none", states=["failed"] * 4)
    group = StudyGroup([study])
    assert group.top().empty
    assert group.across().empty
    assert group.pareto().empty
    assert "<table" not in group._repr_html_()


def test_what_is_no_group(group: StudyGroup, written: Write) -> None:
    with pytest.raises(InputError, match="at least one study"):
        StudyGroup([])
    with pytest.raises(InputError, match=r"choose one of \['mean', 'min', 'median'\]"):
        group.across("max")  # type: ignore[arg-type]
    other = dataclasses.replace(group[0], points=_Other())  # type: ignore[arg-type]  # names are enough
    with pytest.raises(InputError, match="the same parameters"):
        StudyGroup([group[0], other])


class _Other:
    names = ("fast",)


def test_a_set_that_was_drawn_twice_stands_once(stock: Bars, tmp_path: Path) -> None:
    drawn = supersearch(
        [stock.take(0, 500), stock.take(500, 1000)], dual_sma(),
        {"fast": ints(2, 4), "slow": ints(5, 7)},
        sampler="random", max_trials=8, holdout=0.0, warehouse=Warehouse(tmp_path),
    )  # fmt: skip
    params = drawn[0].trials()[["fast", "slow"]]
    assert params.duplicated().any()
    found = drawn.across("mean", count=20)
    assert not found[["fast", "slow"]].duplicated().any()
    assert len(found) == len(params.drop_duplicates())


@pytest.mark.parametrize("count", [-1, "3", 2.5])
def test_counts_are_whole_numbers(group: StudyGroup, count: Any) -> None:
    for ask in (lambda: group.top(count), lambda: group.across(count=count)):
        with pytest.raises(InputError, match="expected a whole number from 0"):
            ask()


def test_a_number_beyond_the_group(group: StudyGroup) -> None:
    with pytest.raises(IndexError, match=f"study 99 of a group of {len(group)}"):
        group[99]
    assert list(group) == [group[place] for place in range(len(group))]
