from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.presets.held_out import HeldOut, held_out, looked, opened, shown
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.study import Study
from hyprl_lab.research.validation.subject import subject_of
from hyprl_lab.research.validation.validator import validate
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return supersearch(
        load_bars("TEST"),
        dual_sma(),
        {"fast": [2, 3], "slow": [5, 6]},
        warehouse=Warehouse(tmp_path),
        progress=False,
    )


def test_it_is_kept_once_it_is_open(study: Study) -> None:
    subject = subject_of(study)
    closed = held_out(subject)
    assert closed is not None
    assert (closed.start, closed.run_hash, closed.openings) == (study.holdout_start, None, 0)
    seen = opened(closed, study)
    assert opened(seen, study) is seen
    assert held_out(subject) == seen
    assert HeldOut.from_dict(seen.to_dict()) == seen
    assert study.warehouse.cached("holdout", seen.key) == seen.to_dict()
    assert looked("holdout_looks", seen, subject).source == f"holdout {seen.key}"
    assert len(seen.key) == 64


def test_a_ratio_to_nothing_is_none(study: Study) -> None:
    subject = subject_of(study)
    closed = held_out(subject)
    assert closed is not None
    seen = opened(closed, study)
    without = validate(study, checks=["psr"])
    found = shown("holdout_sharpe_ratio", seen, subject, without, "")
    assert (found.value, found.reason) == (None, "the walk-forward's Sharpe ratio is undefined")
    walked = validate(study, checks=["walk_forward"], windows=2)
    poor = replace(
        walked,
        rows=tuple(
            replace(row, value=-0.5) if row.name == "walk_forward_sharpe" else row
            for row in walked.rows
        ),
    )
    found = shown("holdout_sharpe_ratio", seen, subject, poor, "")
    assert found.reason == "the walk-forward's Sharpe ratio is -0.50, not above 0"
    flat = replace(seen, sharpe=None)
    found = shown("holdout_sharpe", flat, subject, walked, "")
    assert found.reason == "the returns on the holdout do not vary"
