from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from hyprl_lab import research
from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import run
from hyprl_lab.errors import CancelledError
from hyprl_lab.research.space import ints
from hyprl_lab.research.stats import probability_of_backtest_overfitting
from hyprl_lab.research.study import Study, frames
from hyprl_lab.research.validation.search_overfitting import (
    SearchOverfitting,
    search_overfitting,
)
from hyprl_lab.research.validation.subject import headline_returns
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy import Strategy, close, param, ta

SPACE = {"fast": range(2, 14, 3), "slow": [10, 20, 30, 45, 60, 5_000]}


def pair() -> Strategy:
    """Long while a fast average is above a slow one, whose window may be longer than the bars."""
    fast, slow = ta.sma(close, param("fast", 2, 100)), ta.sma(close, param("slow", 3, 9_000))
    return Strategy("pair", long_entry=fast.crosses_above(slow), long_exit=fast.crosses_below(slow))


@pytest.fixture(scope="module")
def bars() -> Bars:
    return load_bars("sp500").take(0, 1_207)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return Warehouse(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def study(bars: Bars, warehouse: Warehouse) -> Study:
    """Pairs of windows; those with a window of 5,000 bars fail."""
    return research.supersearch(
        bars, pair(), SPACE, where="fast < slow", warehouse=warehouse, progress=False
    )


def matrix(study: Study) -> tuple[np.ndarray, list[int]]:
    """Returns of the trials that did not fail, each run again, and their numbers."""
    columns, numbers = [], []
    trials = study.trials()
    for number in trials.index[trials["state"] == "completed"]:
        params = {name: int(trials.loc[number, name]) for name in ("fast", "slow")}
        result = run(study.search_bars, study.strategy, params=params)
        columns.append(headline_returns(result))
        numbers.append(int(number))
    return np.column_stack(columns), numbers


def test_the_ledger_is_enough(study: Study) -> None:
    """Equal to the full computation on the returns of every trial, run again one by one."""
    returns, numbers = matrix(study)
    whole = probability_of_backtest_overfitting(returns)
    found = search_overfitting(study, len(returns))
    assert (found.trials, found.failed, found.pruned, found.repeated) == (19, 4, 0, 0)
    assert found.reason is None
    assert found.probability == whole.probability
    assert found.mean_logit == pytest.approx(whole.mean_logit, rel=1e-12)
    assert found.degradation == pytest.approx(whole.degradation, rel=1e-6)
    assert found.probability_of_loss == whole.probability_of_loss
    assert (found.splits, found.undecided, found.idle) == (12_870, whole.undecided, whole.idle)
    assert (found.length, found.dropped) == (len(returns) // 16, len(returns) % 16)
    most = np.bincount(whole.chosen)
    assert found.chosen[0] == (numbers[int(most.argmax())], int(most.max()))
    assert sum(halves for _, halves in found.chosen) == len(whole.logits)


def test_the_histogram_holds_the_probability(study: Study) -> None:
    found = search_overfitting(study, 1_206)
    assert found.probability is not None
    assert len(found.logit_edges) == 41
    assert found.logit_edges[20] == 0.0
    assert found.logit_edges[0] == -found.logit_edges[-1]
    assert sum(found.logit_counts) == found.splits - found.undecided
    assert sum(found.logit_counts[:20]) / sum(found.logit_counts) == found.probability


def test_the_best_is_compared_with_the_others(study: Study) -> None:
    returns, numbers = matrix(study)
    sharpes = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
    place = int(sharpes.argmax())
    z = returns[:, place] - returns[:, place].mean()
    skew, kurtosis = (np.mean((z / z.std()) ** power) for power in (3, 4))
    best = sharpes[place]
    error = np.sqrt((1 - skew * best + (kurtosis - 1) / 4 * best**2) / (len(returns) - 1))
    found = search_overfitting(study, len(returns))
    assert found.best == numbers[place]
    assert found.best_sharpe == pytest.approx(best, rel=1e-9)
    assert found.standard_error == pytest.approx(error, rel=1e-9)
    assert found.median_sharpe == pytest.approx(np.median(np.delete(sharpes, place)), rel=1e-9)
    doubtful = best - np.median(np.delete(sharpes, place)) <= error
    assert (found.inconclusive is not None) == doubtful


def test_alike_trials_are_inconclusive(bars: Bars, warehouse: Warehouse) -> None:
    """Fees between 0 and a hundredth of a basis point leave nothing to choose."""
    study = research.supersearch(
        bars,
        pair(),
        {"fast": [5], "slow": [20], "execution.fee_bps": [0.0, 0.005, 0.01]},
        warehouse=warehouse,
        progress=False,
    )
    found = search_overfitting(study, 1_206)
    assert found.probability == 0.0  # the cheapest is always the best, by next to nothing
    assert found.inconclusive is not None
    assert "is within one standard error (0.0" in found.inconclusive


def test_repeated_and_pruned_trials_are_left_out(bars: Bars, warehouse: Warehouse) -> None:
    drawn = research.supersearch(
        bars,
        pair(),
        {"fast": ints(2, 4), "slow": ints(10, 12)},
        sampler="random",
        max_trials=8,
        warehouse=warehouse,
        progress=False,
    )
    frame = drawn.trials()
    distinct = len(frame[["fast", "slow"]].drop_duplicates())
    found = search_overfitting(drawn, 1_206)
    assert (found.trials, found.repeated) == (distinct, len(frame) - distinct)
    assert found.repeated > 0
    firsts = frame.index[~frame[["fast", "slow"]].duplicated()]
    assert {trial for trial, _ in found.chosen} <= set(firsts)
    halved = research.supersearch(
        bars,
        pair(),
        SPACE,
        where="fast < slow and slow < 100",
        halving=research.Halving(factor=2, rungs=1),
        warehouse=warehouse,
        progress=False,
    )
    found = search_overfitting(halved, 1_206)
    assert found.pruned == halved.pruned > 0
    assert found.trials == 19 - halved.pruned


def test_ranges_and_threads_are_no_matter(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = search_overfitting(study, 1_206, threads=1)
    monkeypatch.setattr(frames, "_RANGE", 7)
    assert search_overfitting(study, 1_206, threads=7) == whole


def test_why_there_is_none(study: Study, bars: Bars, warehouse: Warehouse) -> None:
    assert search_overfitting(study, 15).reason == (
        "15 headline returns are fewer than the 16 blocks of time"
    )
    alone = research.supersearch(
        bars, pair(), {"fast": [5], "slow": [20]}, warehouse=warehouse, progress=False
    )
    found = search_overfitting(alone, 1_206)
    assert found.probability is None
    assert found.reason == (
        "fewer than two trials ran on all of the searched bars, so there was no choice"
    )
    idle = research.supersearch(
        bars,
        Strategy("idle", long_entry=close > param("level", 0.0, 1e9)),
        {"level": [1e8, 2e8]},
        warehouse=warehouse,
        progress=False,
    )
    found = search_overfitting(idle, 1_206)
    assert (found.trials, found.probability) == (2, None)
    assert "fewer than two trials vary" in str(found.reason)
    found = search_overfitting(replace(study, ledger="summary"), 1_206)
    assert found.probability is None
    assert str(found.reason).endswith("run the same search with ledger='full'")
    token = Event()
    token.set()
    with pytest.raises(CancelledError):
        search_overfitting(study, 1_206, cancel=token)


def test_it_is_written_and_read(study: Study, tmp_path: Path) -> None:
    for found in (search_overfitting(study, 1_206), search_overfitting(study, 3)):
        text = json.dumps(found.to_dict(), allow_nan=False)
        assert SearchOverfitting.from_dict(json.loads(text)) == found
