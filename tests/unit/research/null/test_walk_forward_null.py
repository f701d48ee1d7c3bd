from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.errors import CancelledError, InputError
from hyprl_lab.research.null import walk_forward_null
from hyprl_lab.research.null.markets import Markets
from hyprl_lab.research.null.walk import Walk
from hyprl_lab.research.study import Study
from hyprl_lab.research.walk_forward import split_windows, walk_forward
from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from hyprl_lab.types import Progress

Searching: TypeAlias = Callable[..., Study]
Making: TypeAlias = Callable[..., Bars]


class After:
    """A token that is set once it was looked at so often."""

    def __init__(self, looks: int) -> None:
        self.left = looks

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_every_market_is_walked_as_the_real_one(search: Searching) -> None:
    study = search()
    found = walk_forward(study, windows=3, seed=1)
    null = walk_forward_null(study, found=found, markets=12, seed=2)
    walk = Walk.of(study, split_windows(400, windows=3), seed=1)
    markets = Markets.of(study.search_bars, kind="permutation", seed=2, start=walk.kept)
    assert walk.kept == found.train == 202
    for number in range(12):
        assert null.scores[number] == walk.sharpe(markets.columns(number), threads=1)
    assert null.real == found.out_of_sample_sharpe
    assert null.p_value == (np.sum(null.scores >= null.real) + 1) / 13
    assert (null.form, null.trials, null.markets) == ("walk_forward", 27, 12)
    assert null.statistic == "out-of-sample Sharpe ratio"
    assert len(np.unique(null.scores)) == 12


def test_without_a_walk_forward_it_does_one(search: Searching) -> None:
    study = search()
    given = walk_forward_null(
        study, found=walk_forward(study, windows=2, train=150, test=60), markets=5
    )
    asked = walk_forward_null(study, windows=2, train=150, test=60, markets=5)
    assert asked.to_dict() == given.to_dict()


def test_a_later_first_training_keeps_what_is_before_it(search: Searching) -> None:
    """Rolling windows that do not start at the first bar: all before the first test is real."""
    study = search()
    found = walk_forward(study, windows=2, train=100, test=50)
    walk = Walk.of(study, split_windows(400, windows=2, train=100, test=50), seed=0)
    assert walk.kept == 300
    null = walk_forward_null(study, found=found, markets=5)
    assert np.isfinite(null.scores).all()


def test_the_number_of_threads_changes_nothing(search: Searching, tmp_path: Path) -> None:
    study = search()
    found = walk_forward(study, windows=2)
    nulls = [
        walk_forward_null(
            replace(study, warehouse=Warehouse(tmp_path / str(threads))),
            found=found,
            markets=20,
            threads=threads,
        ).to_dict()
        for threads in (1, 2, 7)
    ]
    assert nulls[0] == nulls[1] == nulls[2]


def test_nothing_of_it_enters_the_ledger(search: Searching) -> None:
    study = search()
    found = walk_forward(study, windows=2)
    warehouse = study.warehouse
    query = "SELECT count(*) AS n FROM trials"
    before = int(warehouse.sql(query)["n"][0]), warehouse.trial_count(study.lineage_root)
    walk_forward_null(study, found=found, markets=10)
    assert before == (
        int(warehouse.sql(query)["n"][0]),
        warehouse.trial_count(study.lineage_root),
    )


def test_a_cancelled_call_goes_on_and_ends_the_same(search: Searching, tmp_path: Path) -> None:
    study = search()
    found = walk_forward(study, windows=2)
    calm = walk_forward_null(
        replace(study, warehouse=Warehouse(tmp_path / "calm")), found=found, markets=30
    )
    said: list[Progress] = []
    with pytest.raises(CancelledError, match="of 30 markets; they are kept"):
        walk_forward_null(study, found=found, markets=30, cancel=After(60))
    again = walk_forward_null(study, found=found, markets=30, progress=said.append)
    assert again.to_dict() == calm.to_dict()
    assert 0 < said[-1].before < 30


def test_it_stops_when_the_answer_is_plain(search: Searching) -> None:
    study = search()
    found = walk_forward(study, windows=2)
    whole = walk_forward_null(study, found=found, markets=60)
    early = walk_forward_null(study, found=found, markets=60, stop_after=3)
    assert early.done == np.flatnonzero(whole.scores >= whole.real)[2] + 1
    assert early.p_value == 3 / early.done


def test_memory_is_found_out_of_sample_too(search: Searching, walk_bars: Making) -> None:
    study = search(walk_bars(1500, 5, memory=0.3))
    assert walk_forward_null(study, windows=3, markets=49).p_value == 0.02


def test_p_values_of_random_walks_are_uniform(search: Searching, walk_bars: Making) -> None:
    """30 walk-forwards of 4 trials, 9 markets each: p is uniform over 0.1, 0.2, …, 1.

    Bounds on fixed seeds: the mean within three standard errors, and Kolmogorov's distance below
    the value that is exceeded once in a hundred.
    """
    found: list[float] = []
    for seed in range(30):
        study = search(
            walk_bars(250, 500 + seed),
            space={"fast": [2, 5], "slow": [10, 20]},
            constraints=[],
            holdout=0.0,
            progress=False,
        )
        found.append(walk_forward_null(study, windows=2, markets=9, seed=seed).p_value)
    values = np.sort(found)
    assert abs(values.mean() - 0.55) < 3 * np.sqrt((10**2 - 1) / 12) / 10 / np.sqrt(30)
    levels = np.arange(1, 11) / 10
    shares = np.searchsorted(values, levels + 1e-12) / 30
    assert np.abs(shares - levels).max() < 1.63 / np.sqrt(30)


def test_a_walk_forward_of_something_else_is_refused(search: Searching, walk_bars: Making) -> None:
    study, other = search(), search(walk_bars(500, 1))
    with pytest.raises(InputError, match="is of other bars than the study's search part"):
        walk_forward_null(study, found=walk_forward(other, windows=2))
    with pytest.raises(InputError, match=r"found is 3; expected what hl\.walk_forward returned"):
        walk_forward_null(study, found=3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="windows"):
        walk_forward_null(study, windows=0)


def test_a_walk_forward_that_never_traded_is_no_better_than_any(search: Searching) -> None:
    study = search(constraints=["trades >= 100000"])
    null = walk_forward_null(study, windows=2, markets=5)
    assert (null.real, null.p_value, null.undefined) == (-np.inf, 1.0, 5)
