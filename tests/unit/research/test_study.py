"""What a study and its best trial say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.research import supersearch
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.research import Study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    space = {"fast": [5, 6], "slow": [20, 30]}
    return supersearch(load_bars("TEST"), dual_sma(), space, warehouse=Warehouse(tmp_path))


def test_the_best_trial_names_its_parameters_and_objective(study: Study) -> None:
    best = study.best
    assert best is not None
    row = study.trials()["sharpe"].sort_values(ascending=False)
    assert best.index == row.index[0]
    text = repr(best)
    assert text.startswith(f"Trial({best.index}: fast={best.params['fast']:g}, slow=")
    assert f"objective {row.iloc[0]:.4g}" in text
    assert "a trial keeps no trades" in best._repr_html_()


def test_the_study_shows_parameters_and_the_metrics_that_fit(study: Study) -> None:
    page = study._repr_html_()
    for name in ("objective", "fast", "slow", "max_drawdown", "trades"):
        assert f"<th>{name}</th>" in page
    assert "behaviour_hash" not in page
    assert "4 trials" in repr(study)


def test_failed_trials_are_said(tmp_path: Path) -> None:
    bars = load_bars("TEST").take(0, 30)
    study = supersearch(
        bars, dual_sma(), {"fast": [5], "slow": [31]}, holdout=0.0, warehouse=Warehouse(tmp_path)
    )
    assert "1 failed: node" in repr(study)
    assert "window is 31" in repr(study)


def test_an_undefined_objective_is_said(tmp_path: Path) -> None:
    bars = load_bars("TEST").take(0, 40)
    study = supersearch(
        bars, dual_sma(), {"fast": [20], "slow": [39]}, holdout=0.0, warehouse=Warehouse(tmp_path)
    )
    assert "sharpe is undefined for every trial" in repr(study)
