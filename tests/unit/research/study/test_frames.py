"""Only the columns that are asked for, of completed trials."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.errors import InputError, SpaceError
from hyprl_lab.research import supersearch
from hyprl_lab.research.study import frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.research.study import Study

    Write = Callable[..., Study]


def test_pruned_and_failed_trials_are_left_out(written: Write) -> None:
    study = written(
        {"fast": [5, 6], "slow": [20, 30]},
        {"sharpe": [1.0, 9.0, np.nan, 2.0]},
        name="states",
        states=["completed", "pruned", "failed", "completed"],
    )
    found = frames.completed_columns(study, ["sharpe"], ["slow"])
    assert found.index.tolist() == [0, 3]
    assert found.by_name["sharpe"].tolist() == [1.0, 2.0]
    assert found.by_name["slow"].tolist() == [20.0, 30.0]
    assert len(found) == 2


@pytest.mark.parametrize("constraints", [(), ("trades >= 10",), ("sharpe > 100",)])
def test_the_best_are_among_the_leading(
    study: Study, monkeypatch: pytest.MonkeyPatch, constraints: tuple[str, ...]
) -> None:
    """A search of many small shards, asked for its best by the ledger's statistics and without."""
    monkeypatch.setattr("hyprl_lab.research.search.plan.shard_size", lambda _: 16)
    found = supersearch(
        study.search_bars,
        study.strategy,
        {"fast": range(2, 40), "slow": range(3, 60, 2)},
        constraints=constraints,
        holdout=0.0,
        progress=False,
        warehouse=study.warehouse,
    )
    every = frames.completed_columns(found, found.ranking.metrics)
    scores = found.ranking.scores(every.by_name, len(every))
    for count in (1, 5, 100, 5_000):
        leading = frames.leading_columns(found, count)
        assert leading is not None
        assert count > 5 or constraints or len(leading) < found.total / 4
        best = every.index[found.ranking.best_first(scores, count)]
        assert found.top(count).index.tolist() == best.tolist()
    assert found.top(0).empty


@pytest.mark.parametrize("objective", ["sharpe / 2", ["sharpe", "cagr"]])
def test_other_objectives_are_looked_for_everywhere(
    written: Write, objective: str | list[str]
) -> None:
    study = written(
        {"fast": [5, 6], "slow": [20, 30]},
        {"sharpe": [1, 3, 2, 4], "cagr": [4, 3, 2, 1]},
        name="expression",
        objective=objective,
    )
    assert frames.leading_columns(study, 2) is None
    assert study.top(2).index.tolist() == [3, 1]


def test_unknown_parameters_are_refused(study: Study) -> None:
    with pytest.raises(InputError, match=r"parameters \['nope'\].*\['fast', 'slow'\]"):
        frames.completed_columns(study, [], ["nope"])


def test_blocks_come_in_ranges_that_meet(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = study.warehouse.study_blocks(study.study_id, ["sum2"])["sum2"]
    monkeypatch.setattr(frames, "_RANGE", 7)
    places, parts = zip(*frames.block_ranges(study, ["sum2"]), strict=True)
    assert [(part.start, part.stop) for part in places] == [(0, 7), (7, 14), (14, study.total)]
    np.testing.assert_array_equal(np.concatenate([part["sum2"] for part in parts]), whole)


def test_a_summary_ledger_says_that_it_has_no_blocks(study: Study) -> None:
    short = dataclasses.replace(study, ledger="summary")
    with pytest.raises(InputError, match="ledger='summary', which keeps no block moments"):
        next(iter(frames.block_ranges(short, ["sum1"])))


def test_what_is_read_is_the_objective_or_an_expression(study: Study) -> None:
    assert frames.reading(study, None).text == "sharpe"
    assert frames.reading(study, "cagr - max_drawdown").uses() == {"cagr", "max_drawdown"}
    with pytest.raises(SpaceError, match="nope"):
        frames.reading(study, "nope")


def test_rows_stand_in_the_order_asked(study: Study) -> None:
    found = frames.framed(study, np.array([4, 1]), np.array([[2.0, 1.0], [3.0, 4.0]]))
    assert found.index.tolist() == [4, 1]
    assert found.columns[:3].tolist() == ["objective", "objective_2", "state"]
    assert found["objective_2"].tolist() == [3.0, 4.0]
    assert found["sharpe"].tolist() == study.trials()["sharpe"].loc[[4, 1]].tolist()
