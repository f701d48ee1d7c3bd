from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.engine import FixedFraction, run
from hyprl_lab.presets import promote
from hyprl_lab.presets.counted import moved, uncounted
from hyprl_lab.research.recording import backtest
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.study import Study
from hyprl_lab.research.validation import Validation
from hyprl_lab.research.validation.subject import subject_of
from hyprl_lab.research.validation.validator import validate
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

SPACE = {"fast": [2, 3], "slow": [5, 6]}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path))
    return tmp_path


def search(place: Path, **settings: object) -> Study:
    arguments = {"constraints": ["trades >= 30"], "warehouse": Warehouse(place)} | settings
    return supersearch(load_bars("TEST"), dual_sma(), SPACE, **arguments)  # type: ignore[arg-type]


def quick(study: Study) -> Validation:
    return validate(study, windows=2, resamples=50)


def test_an_unrecorded_result_is_refused_by_every_profile(place: Path) -> None:
    search(place)
    result = run(load_bars("TEST"), dual_sma(), params={"fast": 2, "slow": 5})
    assert not result.recorded
    for profile in ("demo", "research", "strict"):
        verdict = promote(result, name="cross", profile=profile)
        assert not verdict.passed
        assert any("record=False" in reason for reason in verdict.reasons)


def test_a_forged_flag_is_refused_whatever_else_the_ledger_holds(place: Path) -> None:
    """The same parameters were searched on fewer bars: that look is not this run."""
    search(place)
    bars = load_bars("TEST")
    backtest(bars, dual_sma(), params={"fast": 3, "slow": 6})
    forged = replace(run(bars, dual_sma(), params={"fast": 2, "slow": 5}), recorded=True)
    verdict = promote(forged, name="forged", profile="demo")
    assert (verdict.passed, verdict.preset) == (False, None)
    assert verdict.reasons == (
        "recorded: the ledger holds no such run; make it with hl.backtest, which records it",
    )
    backtest(bars, dual_sma(), params={"fast": 2, "slow": 5})
    assert promote(forged, name="honest", profile="demo").passed  # now it was counted


def test_a_forged_study_is_refused(place: Path) -> None:
    study = search(place)
    other = replace(study, risk=FixedFraction(0.01))  # another run than any it searched
    verdict = promote(other, name="forged", profile="demo", validation=quick(other))
    assert not verdict.passed
    assert any("not among those of study" in reason for reason in verdict.reasons)
    unknown = replace(study, study_id="0" * 64, complete=True)
    object.__setattr__(unknown, "best", study.best)
    verdict = promote(
        unknown, name="forged", profile="demo", validation=validate(unknown, checks="psr")
    )
    row = next(row for row in verdict.checks if row.name == "ledger_complete")
    assert (row.value, row.reason) == (
        False,
        "the ledger holds no study 000000000000; search with supersearch",
    )


def test_an_incomplete_search_is_refused_whatever_the_study_says(place: Path) -> None:
    class Stop:
        def is_set(self) -> bool:
            return True

    study = replace(search(place, cancel=Stop()), complete=True)
    verdict = promote(study, name="cross", profile="demo", validation=validate(study, checks="psr"))
    row = next(row for row in verdict.checks if row.name == "ledger_complete")
    assert row.value is False
    assert "4 trials are missing" in str(row.reason)


def test_a_run_stays_counted_when_its_lineage_is_merged_into_another(place: Path) -> None:
    bars, params = load_bars("TEST"), {"fast": 2, "slow": 5}
    recorder = Warehouse(place)
    older, late = recorder.lineage_root(bars.take(0, 100)), bars.take(200, 500)
    backtest(late, dual_sma(), params=params, warehouse=recorder)
    assert recorder.lineage_root(late) != older
    recorder.flush()
    assert recorder.lineage_root(bars) == older  # these bars bridge the two
    same = replace(run(late, dual_sma(), params=params), recorded=True)
    subject = subject_of(same)
    assert subject.lineage_root == older
    assert uncounted(subject, same) is None


def test_the_python_engine_is_counted_too(place: Path) -> None:
    result = backtest(load_bars("TEST"), dual_sma(), params={"fast": 2, "slow": 5}, engine="python")
    assert uncounted(subject_of(result), result) is None
    never = backtest(load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 200}, record=False)
    assert "record=False" in str(uncounted(subject_of(never), never))


def test_a_holdout_that_was_moved_is_refused(place: Path) -> None:
    """Where the bars held out begin is in the ledger from before the search saw anything."""
    study = search(place)
    assert moved(study) is None
    later = replace(study, holdout_start=int(study.bars.ts[450]))
    object.__setattr__(later, "best", study.best)
    assert f"and the search announced {study.holdout_start}" in str(moved(later))
    verdict = promote(later, name="moved", validation=validate(later, checks="psr"))
    row = next(row for row in verdict.checks if row.name == "holdout_reserved")
    assert (row.value, row.passed) == (False, False)
    assert row.reason == moved(later)
    assert "holds no study 000000000000" in str(moved(replace(study, study_id="0" * 64)))
