"""The supersearch: equal to single runs, to itself on any number of threads, and resumed."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import Execution, RiskPct, run
from hyprl_lab.errors import ConfigError, SpaceError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research import Halving, supersearch
from hyprl_lab.store import ShardHeldHereError, Warehouse
from hyprl_lab.strategy import Strategy, close, param, stop, ta, target
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.research import Study
    from hyprl_lab.types import Progress

SPACE = {"fast": range(2, 12), "slow": range(10, 40, 3)}


@pytest.fixture
def bars() -> Bars:
    return load_bars("TEST")


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hyprl_lab.research.search.plan.shard_size", lambda _: 16)


def protected() -> Strategy:
    fast, slow = ta.ema(close, param("fast", 2, 50)), ta.sma(close, param("slow", 5, 90))
    return Strategy(
        "protected",
        long_entry=fast.crosses_above(slow) & (ta.rsi(close, 14) > 30),
        short_entry=fast.crosses_below(slow),
        stop_loss=stop.atr(param("window", 2, 20), param("k", 0.5, 4.0)),
        take_profit=target.percent(0.05),
    )


def test_each_trial_equals_a_single_run_to_the_bit(bars: Bars, tmp_path: Path) -> None:
    space = {"fast": [3, 8], "slow": [10, 25, 90], "window": [5, 14], "k": [1.0, 2.5]}
    options = {"risk": RiskPct(0.02), "execution": Execution(fee_bps=7, slippage_bps=3)}
    study = supersearch(
        bars, protected(), space, holdout=0.0, warehouse=Warehouse(tmp_path), **options
    )
    trials = study.trials()
    assert len(trials) == 24
    assert trials["trades"].sum() > 100
    for _, row in trials.iterrows():
        params = {name: row[name] for name in protected().parameters}
        single = run(bars, protected(), params=params, **options).simulation
        ours = np.array([row[name] for name in TRIAL_METRICS], dtype=np.float64)
        single_values = single.values  # noqa: PD011 - a mapping, not a frame
        theirs = np.array([single_values[name] for name in TRIAL_METRICS])
        np.testing.assert_array_equal(ours, theirs)
        assert row["behaviour_hash"] == single.behaviour_hash


def test_blocks_in_the_ledger_are_those_of_single_runs(bars: Bars, tmp_path: Path) -> None:
    study = supersearch(
        bars, dual_sma(), {"fast": [5], "slow": [20, 30]}, warehouse=Warehouse(tmp_path)
    )
    blocks = study.warehouse.study_blocks(study.study_id)
    for place, slow in enumerate((20, 30)):
        single = run(study.search_bars, dual_sma(), params={"fast": 5, "slow": slow}).simulation
        np.testing.assert_array_equal(blocks["sum1"][place], single.blocks[:, 0])
        np.testing.assert_array_equal(blocks["sum2"][place], single.blocks[:, 1])
        np.testing.assert_allclose(blocks["sum4"][place], single.blocks[:, 3], rtol=1e-6)
        np.testing.assert_array_equal(blocks["trades"][place], single.blocks[:, 4])


KINDS: dict[str, dict[str, Any]] = {
    "grid": {},
    "random": {"sampler": "random", "max_trials": 60, "seed": 3},
    "sobol": {"sampler": "sobol", "max_trials": 60, "seed": 3},
    "halving": {"halving": Halving(factor=2, rungs=2)},
    "tpe": {"sampler": "tpe", "max_trials": 24, "seed": 3},
    "nsga2": {"sampler": "nsga2", "max_trials": 60, "objective": ["sharpe", "-max_drawdown"]},
}


@pytest.mark.usefixtures("small_shards")
@pytest.mark.parametrize("kind", list(KINDS))
def test_threads_and_interruptions_change_no_bit(bars: Bars, tmp_path: Path, kind: str) -> None:
    """On 1, 2 and 7 threads, and stopped after each commit and called again."""

    def searched(name: str, **options: Any) -> Study:
        return supersearch(
            bars, dual_sma(), SPACE, warehouse=Warehouse(tmp_path / name), **KINDS[kind], **options
        )

    first = searched("1", threads=1)
    others = [searched(str(threads), threads=threads) for threads in (2, 7)]
    resumed, calls = searched("resumed", **_stopped_soon()), 1
    while not resumed.complete and calls < 40:
        resumed, calls = searched("resumed", **_stopped_soon()), calls + 1
    assert calls > 1
    others.append(resumed)
    blocks = first.warehouse.study_blocks(first.study_id)
    for other in others:
        assert other.study_id == first.study_id
        pd.testing.assert_frame_equal(first.trials(), other.trials(), check_exact=True)
        for name, theirs in other.warehouse.study_blocks(other.study_id).items():
            np.testing.assert_array_equal(blocks[name], theirs)


def _stopped_soon() -> dict[str, Any]:
    """Return options that stop a search once it has evaluated something."""
    token = threading.Event()

    def told(step: Progress) -> None:
        if step.done > step.before:
            token.set()

    return {"cancel": token, "progress": told}


@pytest.mark.usefixtures("small_shards")
def test_a_search_goes_on_where_it_stopped(bars: Bars, tmp_path: Path) -> None:
    warehouse, token, seen = Warehouse(tmp_path / "one"), threading.Event(), []

    def stop_after_two(progress: Progress) -> None:
        seen.append(progress.done)
        if len(seen) == 2:
            token.set()

    options = {"warehouse": warehouse, "where": "fast < slow"}
    first = supersearch(bars, dual_sma(), SPACE, progress=stop_after_two, cancel=token, **options)
    assert (first.evaluated, first.complete, seen) == (32, False, [16, 32])
    assert "incomplete" in repr(first)
    second = supersearch(bars, dual_sma(), SPACE, **options)
    assert (second.evaluated, second.complete) == (first.total - 32, True)
    third = supersearch(bars, dual_sma(), SPACE, **options)
    assert (third.evaluated, third.complete, third.study_id) == (0, True, first.study_id)
    fresh = supersearch(
        bars, dual_sma(), SPACE, where="fast < slow", warehouse=Warehouse(tmp_path / "two")
    )
    pd.testing.assert_frame_equal(third.trials(), fresh.trials(), check_exact=True)
    assert warehouse.trial_count(third.lineage_root) == third.total


@pytest.mark.usefixtures("small_shards")
def test_ctrl_c_returns_what_there_is(bars: Bars, tmp_path: Path) -> None:
    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    study = supersearch(bars, dual_sma(), SPACE, progress=interrupt, warehouse=Warehouse(tmp_path))
    assert (study.evaluated, study.complete, len(study.trials())) == (16, False, 16)


def test_a_search_that_is_started_in_its_own_progress_function_is_refused(
    bars: Bars, tmp_path: Path, small_shards: None
) -> None:
    store = Warehouse(tmp_path)

    def again(_: Progress) -> None:
        supersearch(bars, dual_sma(), SPACE, progress=False, warehouse=store)

    with pytest.raises(ShardHeldHereError, match="which would wait for itself"):
        supersearch(bars, dual_sma(), SPACE, progress=again, warehouse=store)
    study = supersearch(bars, dual_sma(), SPACE, progress=False, warehouse=store)
    assert study.complete
    assert len(study.trials()) == study.total


def test_two_threads_of_one_process_share_a_search(
    bars: Bars, tmp_path: Path, small_shards: None
) -> None:
    store, found = Warehouse(tmp_path), []

    def search() -> None:
        found.append(supersearch(bars, dual_sma(), SPACE, progress=False, warehouse=store))

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [study.complete for study in found] == [True, True]
    assert sum(study.evaluated for study in found) == found[0].total


def test_the_holdout_is_never_seen(bars: Bars, tmp_path: Path) -> None:
    study = supersearch(bars, dual_sma(), SPACE, holdout=0.2, warehouse=Warehouse(tmp_path / "a"))
    assert len(study.search_bars) == 400
    assert study.holdout_start == bars.ts[400]
    bent = {name: values.copy() for name, values in bars.columns.items()}
    for values in bent.values():
        values[400:] *= 3.0
    other = Bars.from_arrays(bars.ts, bent, symbol="TEST", timeframe="1d", calendar=bars.calendar)
    again = supersearch(other, dual_sma(), SPACE, holdout=0.2, warehouse=Warehouse(tmp_path / "b"))
    pd.testing.assert_frame_equal(study.trials(), again.trials(), check_exact=True)


def test_ranking_obeys_constraints_and_breaks_ties_by_the_grid(bars: Bars, tmp_path: Path) -> None:
    study = supersearch(
        bars,
        dual_sma(),
        SPACE,
        objective="sharpe - max_drawdown",
        constraints=["trades >= 8", "max_drawdown <= 0.3"],
        warehouse=Warehouse(tmp_path),
    )
    trials = study.trials()
    met = trials[(trials["trades"] >= 8) & (trials["max_drawdown"] <= 0.3)]
    expected = (met["sharpe"] - met["max_drawdown"]).sort_values(ascending=False, kind="stable")
    top = study.top(10)
    assert top.index.tolist() == expected.index[:10].tolist()
    np.testing.assert_array_equal(top["objective"], expected.iloc[:10])
    assert study.best is not None
    assert study.best.index == expected.index[0]
    assert study.best.metrics.sharpe == met.loc[study.best.index, "sharpe"]
    assert study.best.metrics.kelly is None


def test_nothing_meets_the_constraints(bars: Bars, tmp_path: Path) -> None:
    study = supersearch(
        bars, dual_sma(), SPACE, constraints=["trades > 9999"], warehouse=Warehouse(tmp_path)
    )
    assert study.best is None
    assert study.top().empty
    assert "nothing met" in repr(study)


def test_a_window_longer_than_the_bars_fails_its_own_trial_alone(
    bars: Bars, tmp_path: Path
) -> None:
    short = bars.take(0, 60)
    study = supersearch(
        short,
        dual_sma(),
        {"fast": [5], "slow": [20, 61]},
        holdout=0.0,
        warehouse=Warehouse(tmp_path),
    )
    trials = study.trials()
    assert trials["state"].tolist() == ["completed", "failed"]
    assert trials.loc[1, list(TRIAL_METRICS)].isna().all()
    assert study.failed == 1
    assert study.first_error is not None
    assert "window is 61" in study.first_error
    assert study.warehouse.trial_count(study.lineage_root) == 2  # a failed trial counts


def test_summary_keeps_no_blocks(bars: Bars, tmp_path: Path) -> None:
    study = supersearch(bars, dual_sma(), SPACE, ledger="summary", warehouse=Warehouse(tmp_path))
    counted = study.warehouse.sql("SELECT count(*) AS n FROM trial_blocks")
    assert counted["n"].iloc[0] == 0
    assert len(study.trials()) == study.total


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"objective": "sharp"}, SpaceError),
        ({"objective": "sharpe > 1"}, SpaceError),
        ({"constraints": "trades > 1"}, SpaceError),
        ({"constraints": ["fast > 1"]}, SpaceError),
        ({"where": "fast < fats"}, SpaceError),
        ({"holdout": 1.0}, ConfigError),
        ({"holdout": -0.1}, ConfigError),
        ({"holdout": True}, ConfigError),
        ({"holdout": 0.9999}, SpaceError),
        ({"threads": 0}, ConfigError),
        ({"threads": 1.5}, ConfigError),
        ({"ledger": "none"}, ConfigError),
        ({"cash": -1.0}, ConfigError),
        ({"risk": RiskPct(0.01)}, ConfigError),
    ],
)
def test_refused_before_anything_runs(
    bars: Bars, tmp_path: Path, options: dict[str, object], error: type[Exception]
) -> None:
    warehouse = Warehouse(tmp_path)
    with pytest.raises(error):
        supersearch(bars, dual_sma(), SPACE, warehouse=warehouse, **options)
    assert warehouse.sql("SELECT count(*) AS n FROM trials")["n"].iloc[0] == 0


def test_a_renamed_or_respelt_strategy_makes_no_new_trials(bars: Bars, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    fast, slow = ta.sma(close, param("fast", 2, 100)), ta.sma(close, param("slow", 3, 300))
    respelt = Strategy(
        "another name", long_entry=slow.crosses_below(fast), long_exit=slow.crosses_above(fast)
    )
    first = supersearch(bars, dual_sma(), SPACE, warehouse=warehouse)
    supersearch(bars, respelt, SPACE, objective="cagr", warehouse=warehouse)
    assert warehouse.trial_count(first.lineage_root) == first.total


def test_a_later_look_does_not_change_what_the_first_was_worth(bars: Bars, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    study = supersearch(bars, dual_sma(), SPACE, warehouse=warehouse)
    bars_of = {"fingerprint": study.search_bars.fingerprint}
    first = warehouse.trial_sharpes(study.lineage_root, **bars_of)
    supersearch(bars.take(0, 200), dual_sma(), SPACE, holdout=0.0, warehouse=warehouse)
    again = warehouse.trial_sharpes(study.lineage_root, **bars_of)
    assert [part.tolist() for part in again] == [part.tolist() for part in first]
    assert warehouse.trial_count(study.lineage_root) == study.total


def test_one_content_under_two_calendars_is_two_studies(bars: Bars, tmp_path: Path) -> None:
    """Both have 253 sessions a year, so nothing but the calendar's name differs."""
    warehouse, space = Warehouse(tmp_path), {"fast": [5], "slow": [20, 30]}
    london, frankfurt = (
        supersearch(replace(bars, calendar=name), dual_sma(), space, warehouse=warehouse)
        for name in ("XLON", "XFRA")
    )
    assert london.bars.periods_per_year == frankfurt.bars.periods_per_year == 253.0
    assert london.study_id != frankfurt.study_id
    assert frankfurt.evaluated == 2
