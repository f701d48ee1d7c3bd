from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.errors import CancelledError, ConfigError, InputError
from hyprl_lab.research.null import SearchNull, search_null
from hyprl_lab.research.null.given import asked_of
from hyprl_lab.research.null.markets import Markets
from hyprl_lab.research.null.search import Search
from hyprl_lab.research.study import Study
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


def in_new_place(study: Study, place: Path) -> Study:
    """The same study beside an empty warehouse, so that nothing is kept of it."""
    study.best  # noqa: B018  # read from the ledger it is in, and remembered
    moved = replace(study, warehouse=Warehouse(place))
    moved.__dict__["best"] = study.best
    return moved


def test_it_searches_every_market(search: Searching) -> None:
    study = search()
    assert study.best is not None
    found = search_null(study, markets=30, seed=2)
    again = Search.of(study.search_bars, asked_of(study))
    markets = Markets.of(study.search_bars, kind="permutation", seed=2)
    for number in range(30):
        best = again.best(markets.columns(number), threads=1)
        assert found.scores[number] == (-np.inf if best is None else best.score)
    assert found.real == study.best.objective
    assert found.p_value == (np.sum(found.scores >= study.best.objective) + 1) / 31
    assert (found.form, found.kind, found.statistic) == ("search", "permutation", "sharpe")
    assert (found.trials, found.markets, found.done, found.seed) == (9, 30, 30, 2)
    assert len(np.unique(found.scores)) > 20


def test_the_number_of_threads_changes_nothing(search: Searching, tmp_path: Path) -> None:
    study = search()
    found = [
        search_null(
            in_new_place(study, tmp_path / str(threads)), markets=40, stop_after=8, threads=threads
        )
        for threads in (1, 2, 7)
    ]
    assert found[0].to_dict() == found[1].to_dict() == found[2].to_dict()
    other = search_null(study, markets=40, seed=1)
    assert not np.array_equal(other.scores[:10], found[0].scores[:10])


def test_a_sampler_that_learns_is_repeated_too(search: Searching, tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    study = search(
        sampler="tpe", max_trials=12, seed=1, space={"fast": range(2, 8), "slow": range(9, 20)}
    )
    one = search_null(in_new_place(study, tmp_path / "1"), markets=3, threads=1)
    two = search_null(in_new_place(study, tmp_path / "2"), markets=3, threads=2)
    assert one.to_dict() == two.to_dict()


def test_nothing_of_it_enters_the_ledger(search: Searching) -> None:
    study = search()
    warehouse = study.warehouse
    tables = ("trials", "studies", "trial_blocks")

    def counts() -> list[int]:
        found = [int(warehouse.sql(f"SELECT count(*) AS n FROM {t}")["n"][0]) for t in tables]
        return [*found, warehouse.trial_count(study.lineage_root), *warehouse.head()[:1]]

    before = counts()
    search_null(study, markets=20)
    search_null(study, markets=20, kind="bootstrap")
    assert counts() == before
    assert before[0] == 9


def test_it_stops_when_the_answer_is_plain(search: Searching) -> None:
    study = search()
    whole = search_null(study, markets=200)
    places = np.flatnonzero(whole.scores >= whole.real)
    early = search_null(study, markets=200, stop_after=5)
    assert early.stopped_early
    assert early.done == places[4] + 1
    assert np.array_equal(early.scores, whole.scores[: early.done])
    assert early.p_value == 5 / early.done


def test_a_cancelled_call_goes_on_and_ends_the_same(search: Searching, tmp_path: Path) -> None:
    study = search()
    calm = search_null(in_new_place(study, tmp_path / "calm"), markets=60)
    said: list[Progress] = []
    with pytest.raises(CancelledError, match=r"of 60 markets; they are kept, and the same call"):
        search_null(study, markets=60, cancel=After(40), threads=2)
    found = search_null(study, markets=60, progress=said.append)
    assert found.to_dict() == calm.to_dict()
    assert 0 < said[-1].before < 60
    assert (said[-1].done, said[-1].total) == (60, 60)
    more = search_null(study, markets=80)
    assert np.array_equal(more.scores[:60], calm.scores)


def test_what_it_depends_on_is_not_mixed_up(search: Searching) -> None:
    study, other = search(), search(space={"fast": [2, 5], "slow": [20, 30]})
    first = search_null(study, markets=20)
    for changed in (
        search_null(study, markets=20, seed=1),
        search_null(study, markets=20, kind="bootstrap"),
        search_null(other, markets=20),
    ):
        assert not np.array_equal(changed.scores, first.scores)
    assert np.array_equal(search_null(study, markets=20).scores, first.scores)


def test_bootstrapped_markets_have_a_block(search: Searching) -> None:
    found = search_null(search(), markets=10, kind="bootstrap")
    assert found.kind == "bootstrap"
    assert found.block_length is not None
    assert found.block_length >= 1.0
    assert len(np.unique(found.scores)) > 5


def test_intraday_bars_are_searched_within_their_sessions(
    search: Searching, walk_bars: Making
) -> None:
    study = search(walk_bars(24 * 20, 1, timeframe="1h"))
    found = search_null(study, markets=9)
    assert np.isfinite(found.scores).any()
    assert 0.1 <= found.p_value <= 1.0


def test_a_market_with_memory_is_told_from_one_without(
    search: Searching, walk_bars: Making
) -> None:
    """Returns that follow the one before by 0.3: none of 99 permuted markets scores as much."""
    study = search(walk_bars(1500, 5, memory=0.3))
    assert search_null(study, markets=99).p_value == 0.01


def test_p_values_of_random_walks_are_uniform(search: Searching, walk_bars: Making) -> None:
    """60 searches of 16 trials, 19 markets each: p is uniform over 1/20, 2/20, …, 1.

    Bounds on fixed seeds: the mean within three standard errors, and Kolmogorov's distance below
    the value that is exceeded once in a hundred.
    """
    found: list[float] = []
    for seed in range(60):
        study = search(
            walk_bars(250, seed),
            space={"fast": [2, 3, 5, 8], "slow": [10, 15, 20, 30]},
            constraints=[],
            holdout=0.0,
            progress=False,
        )
        found.append(search_null(study, markets=19, seed=seed).p_value)
    values = np.sort(found)
    assert abs(values.mean() - 0.525) < 3 * np.sqrt((20**2 - 1) / 12) / 20 / np.sqrt(60)
    levels = np.arange(1, 21) / 20
    shares = np.searchsorted(values, levels + 1e-12) / 60
    assert np.abs(shares - levels).max() < 1.63 / np.sqrt(60)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"markets": 0}, InputError, "markets is 0"),
        ({"markets": 1.5}, InputError, r"markets is 1\.5"),
        ({"stop_after": 0}, InputError, "stop_after is 0"),
        ({"seed": -1}, InputError, "seed is -1"),
        ({"kind": "shuffle"}, InputError, "kind is 'shuffle'"),
        ({"threads": 0}, ConfigError, "threads is 0"),
        ({"cancel": True}, ConfigError, "cancel is True"),
    ],
)
def test_bad_arguments_are_named(
    arguments: dict[str, object], error: type[Exception], words: str, search: Searching
) -> None:
    with pytest.raises(error, match=words):
        search_null(search(), **arguments)  # type: ignore[arg-type]


def test_a_study_without_a_best_trial_has_nothing_to_compare(search: Searching) -> None:
    with pytest.raises(InputError, match=r"no trial of the study is ranked.*nearest: trial 0"):
        search_null(search(constraints=["trades >= 100000"]))


def test_it_comes_back_from_json(search: Searching) -> None:
    found = search_null(search(), markets=5)
    assert SearchNull.from_dict(found.to_dict()).to_dict() == found.to_dict()
