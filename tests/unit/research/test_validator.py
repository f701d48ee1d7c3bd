from __future__ import annotations

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import run
from hyprl_lab.errors import CancelledError, InputError
from hyprl_lab.research import stats
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.study import Study
from hyprl_lab.research.subject import headline_returns, subject_of
from hyprl_lab.research.validator import CHECKS, validate
from hyprl_lab.research.walk_forward import walk_forward
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

SPACE = {"fast": [2, 3, 4], "slow": [6, 9, 12]}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path))
    return tmp_path


def search(home: Path, **settings: object) -> Study:
    arguments = {"constraints": ["trades >= 5"], "warehouse": Warehouse(home)} | settings
    return supersearch(load_bars("TEST"), dual_sma(), SPACE, **arguments)  # type: ignore[arg-type]


def test_headline_returns_are_the_results_own(small_bars: Bars) -> None:
    result = run(small_bars, dual_sma(), params={"fast": 3, "slow": 9}, period=("2020-03-01", None))
    assert headline_returns(result).tolist() == result.returns.tolist()


def test_walk_forward_by_hand(home: Path) -> None:
    """Each window: the search on its training bars, then a run on the bars after it."""
    study = search(home)
    found = walk_forward(study, windows=2, train=200, test=60)
    bars, stitched = study.search_bars, []
    assert len(bars) == 400
    for number, start in enumerate((280, 340)):
        inner = supersearch(
            bars.take(start - 200, start),
            study.strategy,
            SPACE,
            constraints=["trades >= 5"],
            holdout=0.0,
            warehouse=Warehouse(home),
        )
        assert inner.best is not None
        window = found.windows[number]
        assert window.params == inner.best.params
        assert window.train_sharpe == inner.best.metrics.sharpe
        assert (window.train_start, window.test_start, window.test_end) == (
            bars.ts[start - 200],
            bars.ts[start],
            bars.ts[start + 59],
        )
        result = run(
            bars,
            study.strategy,
            params=inner.best.params,
            period=(int(bars.ts[start - 1]), int(bars.ts[start + 59]) + 1),
        )
        assert window.trades == result.metrics.trades
        stitched += result.returns.tolist()
    assert found.returns.tolist() == stitched
    assert found.ts.tolist() == bars.ts[280:].tolist()
    assert found.out_of_sample_sharpe == pytest.approx(
        np.mean(stitched) / np.std(stitched, ddof=1) * np.sqrt(bars.periods_per_year), rel=1e-9
    )


def test_walk_forward_never_reads_the_holdout(home: Path) -> None:
    """Other prices after the boundary: the same walk-forward."""
    study = search(home)
    bars = study.bars
    frame = bars.to_pandas()
    frame.iloc[400:] *= 3.0
    changed = Bars.from_pandas(
        frame, symbol=bars.symbol, timeframe=bars.timeframe, calendar=bars.calendar
    )
    other = supersearch(
        changed, dual_sma(), SPACE, constraints=["trades >= 5"], warehouse=Warehouse(home)
    )
    assert study.holdout_start == bars.ts[400]
    assert walk_forward(other, windows=3).to_dict() == walk_forward(study, windows=3).to_dict()


def test_walk_forward_does_not_raise_the_trial_count(home: Path) -> None:
    study = search(home)
    before = study.warehouse.trial_count(study.lineage_root)
    walk_forward(study, windows=3)
    assert study.warehouse.trial_count(study.lineage_root) == before == 9


def test_windows_where_nothing_meets_the_constraints_are_flat(home: Path) -> None:
    study = search(home, constraints=["trades >= 100000"])
    found = walk_forward(study, windows=3)
    assert found.flat_windows == 3
    assert not found.returns.any()
    assert {window.reason for window in found.windows} == {
        "no trial of the window met the constraints"
    }
    assert found.efficiency is None


def test_walk_forward_stops_on_cancel(home: Path) -> None:
    class Cancelled:
        def is_set(self) -> bool:
            return True

    with pytest.raises(CancelledError, match="after 0 of 5"):
        walk_forward(search(home), cancel=Cancelled())


def test_a_study_is_validated_with_the_ledgers_trials(home: Path) -> None:
    study = search(home)
    found = validate(study, windows=3, resamples=100)
    subject = subject_of(study)
    assert subject.result is not None
    returns = np.array(subject.result.returns)
    assert found.ledger.trials == 9
    moments = stats.return_moments(returns)
    assert moments is not None
    assert found.moments == moments
    variance = found.ledger.sharpe_variance
    assert variance is not None
    expected = stats.deflated_sharpe_ratio(
        moments.sharpe, moments.n, moments.skew, moments.kurtosis, 9, variance
    )
    assert found.row("deflated_sharpe_ratio").value == expected
    assert found.row("probabilistic_sharpe_ratio").value == stats.probabilistic_sharpe_ratio(
        moments.sharpe, moments.n, moments.skew, moments.kurtosis
    )
    assert found.bootstrap is not None
    assert found.row("bootstrap_drawdown_95").value == found.bootstrap.max_drawdown_95
    assert found.walk_forward is not None
    assert found.row("walk_forward_return").value == found.walk_forward.total_return
    assert found.years == pytest.approx(
        (study.search_bars.ts[-1] - study.search_bars.ts[0]) / (365.25 * 86_400e6)
    )


def test_the_ledgers_variance_is_that_of_the_study_when_it_is_alone(home: Path) -> None:
    study = search(home)
    found = validate(study, checks=["dsr"])
    assert found.ledger.sharpe_variance == pytest.approx(
        study.trials()["sharpe_per_period"].var(ddof=1), rel=1e-12
    )


def test_a_later_search_raises_the_count_and_lowers_the_deflated_ratio(home: Path) -> None:
    study = search(home)
    before = validate(study, checks=["dsr"]).ledger.trials
    supersearch(
        load_bars("TEST"), dual_sma(), {"fast": [2, 5], "slow": [20, 30]}, warehouse=Warehouse(home)
    )
    after = validate(study, checks=["dsr"])
    assert (before, after.ledger.trials) == (9, 13)
    assert "13 trials" in after.row("deflated_sharpe_ratio").reading


def test_asking_again_computes_nothing_and_says_the_same(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = search(home)
    first = validate(study, windows=3, resamples=50)
    for name in ("walk_forward", "stationary_bootstrap"):
        monkeypatch.setattr(import_module("hyprl_lab.research.validator"), name, None)
    again = validate(study, windows=3, resamples=50)
    assert again.to_dict() == first.to_dict()
    assert again.hash == first.hash
    with pytest.raises(TypeError):
        validate(study, windows=3, resamples=51)


def test_it_is_plain_json_and_shows_itself(home: Path) -> None:
    found = validate(search(home), windows=3, resamples=50)
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["hash"] == found.hash
    assert [row["name"] for row in data["rows"]] == list(found.table["name"])
    assert all((row["value"] is None) == (row["reason"] is not None) for row in data["rows"])
    html = found._repr_html_()
    assert "9 trials in the ledger" in html
    assert all(row.reading.endswith(".") for row in found.rows)


def test_a_single_run_has_no_walk_forward_and_says_why(home: Path) -> None:
    search(home)
    result = run(load_bars("TEST"), dual_sma(), params={"fast": 2, "slow": 6})
    found = validate(result, resamples=50)
    assert found.walk_forward is None
    assert "no space to search again" in str(found.row("walk_forward_efficiency").reason)
    assert found.ledger.trials == 9
    assert found.row("deflated_sharpe_ratio").value is not None


def test_a_study_without_a_best_trial_is_undefined_throughout(home: Path) -> None:
    found = validate(search(home, constraints=["trades >= 100000"]), windows=2, resamples=50)
    assert found.moments is None
    assert found.row("deflated_sharpe_ratio").value is None
    assert found.row("deflated_sharpe_ratio").reason == "no trial of the study met the constraints"


def test_a_run_that_never_trades_has_no_sharpe(home: Path) -> None:
    result = run(load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 200})
    quiet = replace(
        result,
        simulation=replace(result.simulation, equity=np.full(len(result.bars), 10_000.0)),
    )
    found = validate(quiet, resamples=50)
    for row in found.rows:
        assert row.value is None
        assert row.reason


def test_unknown_checks_are_refused(home: Path) -> None:
    with pytest.raises(InputError, match=r"\['sharpe'\]; choose some of"):
        validate(search(home), checks=["sharpe", "dsr"])
    with pytest.raises(InputError, match="are empty"):
        validate(search(home), checks=[])


def test_the_table_stands_in_one_order(home: Path) -> None:
    study = search(home)
    names = [row.name for row in validate(study, checks=["min_trl", "psr"]).rows]
    assert names == [
        "probabilistic_sharpe_ratio",
        "minimum_track_record_length",
        "track_record_surplus",
    ]
    assert CHECKS[0] == "walk_forward"
