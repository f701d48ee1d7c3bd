"""A study in a command's answer."""

from __future__ import annotations

import pytest
from rich.console import Console

import hyprl_lab as hl
from hyprl_lab.cli.studies import study_summary, study_view
from hyprl_lab.research import Study
from hyprl_lab.strategy import builtin

SPACE = {"fast": [5, 10], "slow": [20, 30]}


def searched(**options: object) -> Study:
    study: Study = hl.supersearch(
        hl.load_bars("TEST"), builtin.get("dual_sma"), space=SPACE, **options
    )
    return study


def test_counts_the_best_and_the_top() -> None:
    study = searched()
    said = study_summary(study, 3)
    assert study.best is not None
    assert (said["trials"], said["evaluated"], said["complete"]) == (4, 4, True)
    assert said["best"]["params"] == dict(study.best.params)  # type: ignore[index]
    top = said["top"]
    assert len(top) == 3  # type: ignore[arg-type]
    assert top[0]["trial"] == study.best.index  # type: ignore[index]
    assert top[0]["objective"] == said["best"]["objective"]  # type: ignore[index]
    single = hl.backtest(study.search_bars, study.strategy, params=study.best.params, record=False)
    assert said["best"]["metrics"]["sharpe"] == single.metrics.sharpe  # type: ignore[index]


def test_several_objectives_have_a_front() -> None:
    study = searched(objective=["sharpe", "-max_drawdown"])
    said = study_summary(study, 2)
    assert said["objective"] == ["sharpe", "-max_drawdown"]
    front = study.pareto()
    assert [row["trial"] for row in said["pareto"]] == front.index.tolist()[:2]  # type: ignore[union-attr, index]
    console = Console(width=200)
    with console.capture() as caught:
        for part in study_view(said):
            console.print(part)
    assert "Pareto front" in caught.get()
    assert "objective_2" in caught.get()
    assert study_summary(searched(), 2)["pareto"] is None


@pytest.mark.parametrize("constraints", [[], ["trades >= 100000"]])
def test_people_see_the_counts_and_a_table(constraints: list[str]) -> None:
    said = study_summary(searched(constraints=constraints), 2)
    assert (said["best"] is None) == bool(constraints)
    console = Console(width=200)
    with console.capture() as caught:
        for part in study_view(said):
            console.print(part)
    text = caught.get()
    assert str(said["study_id"]) in text
    assert ("max_drawdown" in text) == (not constraints)
    assert "kurtosis" not in text
    for remark in said["remarks"]:  # type: ignore[attr-defined]
        assert remark in text
    assert bool(said["remarks"]) == bool(constraints)
