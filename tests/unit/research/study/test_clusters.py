"""Groups of trials that did the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.research.study import Study

    Write = Callable[..., Study]


def test_groups_stand_best_first(written: Write) -> None:
    study = written(
        {"fast": [5, 6, 7, 8], "slow": [20, 30]},
        {"sharpe": [1.0, 3.0, 3.0, 2.0, np.nan, 9.0, 0.5, 4.0], "trades": [3, 3, 3, 5, 0, 1, 7, 7]},
        name="clusters",
        hashes=[11, 11, 11, 22, 33, 22, 44, 2**64 - 1],
        states=["completed"] * 5 + ["pruned", "completed", "completed"],
        constraints=["trades != 7"],
    )
    found = study.clusters()
    assert found["size"].tolist() == [3, 1, 1, 1, 1]
    assert found["representative"].tolist() == [1, 3, 4, 6, 7]
    assert found["objective"].tolist()[:2] == [3.0, 2.0]
    assert found["objective"].isna().tolist() == [False, False, True, True, True]
    assert found["spread"].tolist()[:2] == [2.0, 0.0]
    assert found["trades"].tolist() == [3, 5, 0, 7, 7]
    assert found["fast"].tolist() == [5.0, 6.0, 7.0, 8.0, 8.0]
    assert found["behaviour_hash"].tolist() == [11, 22, 33, 44, 2**64 - 1]


def test_every_completed_trial_is_in_one_group(study: Study) -> None:
    found = study.clusters()
    assert found["size"].sum() == study.total
    assert found["behaviour_hash"].is_unique
    assert found["objective"].iloc[0] == study.top(1)["objective"].iloc[0]


def test_no_trials_no_groups(written: Write) -> None:
    study = written({"fast": [5], "slow": [20]}, {}, name="none", states=["failed"])
    assert study.clusters().empty
