from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.engine import Execution
from hyprl_lab.errors import CancelledError
from hyprl_lab.research.null import walk as module
from hyprl_lab.research.null.markets import Markets
from hyprl_lab.research.null.walk import Walk
from hyprl_lab.research.search import Halving
from hyprl_lab.research.study import Study
from hyprl_lab.research.walk_forward import split_windows, walk_forward

Searching: TypeAlias = Callable[..., Study]
Making: TypeAlias = Callable[..., Bars]

KINDS: dict[str, dict[str, Any]] = {
    "grid": {},
    "random": {"sampler": "random", "max_trials": 7, "seed": 3},
    "halving": {"halving": Halving(factor=2, rungs=1), "constraints": []},
    "same close": {"execution": Execution(fill="same_close", fee_bps=10)},
    "settings": {
        "space": {"fast": [2, 3], "slow": [6, 9], "execution.fee_bps": [0.0, 5.0, 20.0]},
    },
    "flat": {"constraints": ["trades >= 18"]},
}


def spans_of(study: Study, windows: int, *, anchored: bool = False) -> list[tuple[int, int, int]]:
    periods = len(study.search_bars.headline)
    return split_windows(periods, windows=windows, anchored=anchored)


@pytest.mark.parametrize("anchored", [False, True])
@pytest.mark.parametrize("name", list(KINDS))
def test_the_real_market_gives_the_walk_forwards_returns(
    name: str, anchored: bool, search: Searching
) -> None:
    """To the bit: real and permuted markets go the same way."""
    study = search(**KINDS[name])
    found = walk_forward(study, windows=3, anchored=anchored, seed=2)
    walk = Walk.of(study, spans_of(study, 3, anchored=anchored), seed=2)
    for threads in (1, 2):
        returns = walk.returns(study.search_bars.columns, threads=threads)
        assert np.array_equal(returns, found.returns)
    expected = found.out_of_sample_sharpe
    assert expected is not None
    assert walk.sharpe(study.search_bars.columns, threads=1) == expected
    if name == "flat":
        assert 0 < found.flat_windows < 3


def test_intraday_bars_too(search: Searching, walk_bars: Making) -> None:
    study = search(walk_bars(24 * 40, 2, timeframe="1h"))
    found = walk_forward(study, windows=2)
    walk = Walk.of(study, spans_of(study, 2), seed=0)
    assert np.array_equal(walk.returns(study.search_bars.columns, threads=1), found.returns)
    assert walk.kept == np.asarray(study.search_bars.headline)[spans_of(study, 2)[0][1] - 1] + 1


def test_a_sampler_that_learns_too(search: Searching) -> None:
    pytest.importorskip("optuna")
    study = search(
        sampler="tpe", max_trials=12, seed=5, space={"fast": range(2, 8), "slow": range(9, 20)}
    )
    found = walk_forward(study, windows=2, seed=4)
    walk = Walk.of(study, spans_of(study, 2), seed=4)
    assert walk.learns
    assert np.array_equal(walk.returns(study.search_bars.columns, threads=1), found.returns)


def test_no_trade_anywhere_has_no_ratio(search: Searching) -> None:
    study = search(constraints=["trades >= 100000"])
    walk = Walk.of(study, spans_of(study, 2), seed=0)
    assert walk.sharpe(study.search_bars.columns, threads=1) == -np.inf


def test_what_is_kept_is_all_that_the_first_training_saw(search: Searching) -> None:
    """So its choice is the real one on every market; what follows is not."""
    study = search()
    walk = Walk.of(study, spans_of(study, 2), seed=0)
    markets = Markets.of(study.search_bars, kind="permutation", seed=0, start=walk.kept)
    made = markets.columns(0)
    stretch = walk.stretches[0]
    training = slice(stretch.first, walk.kept)
    real = study.search_bars.columns
    assert all(np.array_equal(made[name][training], real[name][training]) for name in real)
    assert not np.array_equal(made["open"][walk.kept :], real["open"][walk.kept :])


def test_setups_are_kept_up_to_a_bound(search: Searching, monkeypatch: pytest.MonkeyPatch) -> None:
    study = search(**KINDS["settings"])
    walk = Walk.of(study, spans_of(study, 3), seed=0)
    expected = walk.returns(study.search_bars.columns, threads=1)
    assert len(walk.setups) == 3
    monkeypatch.setattr(module, "_HELD", 1)
    again = Walk.of(study, spans_of(study, 3), seed=0)
    assert np.array_equal(again.returns(study.search_bars.columns, threads=1), expected)
    assert len(again.setups) == 1


def test_watch_stops_it(search: Searching) -> None:
    study = search()
    walk = Walk.of(study, spans_of(study, 2), seed=0)
    with pytest.raises(CancelledError):
        walk.returns(study.search_bars.columns, threads=1, watch=lambda _done, _total: True)
