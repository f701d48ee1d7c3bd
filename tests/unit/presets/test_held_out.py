from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.errors import IntegrityError
from hyprl_lab.presets.held_out import HeldOut, held_out, is_recorded, looked, opened, shown
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


def test_an_opening_that_the_ledger_knows_nothing_of_is_not_believed(study: Study) -> None:
    subject = subject_of(study)
    closed = held_out(subject)
    assert closed is not None
    forged = replace(closed, run_hash="0" * 64, sharpe=3.0, returns=99, openings=1)
    study.warehouse.remember("holdout", closed.key, forged.to_dict())
    with pytest.raises(IntegrityError, match="its ledger knows nothing of"):
        held_out(subject)
    with pytest.raises(IntegrityError, match="its ledger knows nothing of"):
        opened(closed, study)  # what it shows is another ratio
    assert not is_recorded(forged, study.warehouse)


def test_what_was_kept_first_counts_for_both(study: Study) -> None:
    """Two processes saw it closed, and opened it at the same time."""
    subject = subject_of(study)
    one, other = held_out(subject), held_out(subject)
    assert one is not None
    assert other is not None
    first = opened(one, study)
    assert opened(other, study) == first == held_out(subject)
    assert first.openings == 1
    rows = study.warehouse.sql("select looks from backtests where purpose = 'gate'")
    assert rows["looks"].tolist() == [2]  # both were counted


def test_it_stays_recorded_when_its_rows_are_moved(study: Study) -> None:
    subject = subject_of(study)
    closed = held_out(subject)
    assert closed is not None
    seen = opened(closed, study)
    study.warehouse.compact()
    assert is_recorded(seen, study.warehouse)
    assert held_out(subject) == seen
    assert not is_recorded(replace(seen, sharpe=None), study.warehouse)
