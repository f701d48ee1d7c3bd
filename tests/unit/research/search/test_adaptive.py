"""Points that learn: batches, replay, what the sampler is told, what is refused before a search."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
import pytest

from hyprl_lab.errors import InputError, IntegrityError, SpaceError
from hyprl_lab.research.search.adaptive import AdaptivePoints, adaptive_points
from hyprl_lab.research.space.axes import floats
from hyprl_lab.research.study import Ranking
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from hyprl_lab.research.space import Batch
    from hyprl_lab.types import FloatArray

SPACE = {"fast": range(5, 95), "slow": range(20, 200)}
ALL = 90 * 180


def points(**changes: Any) -> AdaptivePoints:
    given: dict[str, Any] = {
        "sampler": "tpe",
        "max_trials": 160,
        "seed": 1,
        "ranking": Ranking.of("sharpe"),
    } | changes
    space = given.pop("space", SPACE)
    return adaptive_points(dual_sma(), space, given.pop("where", "fast < slow"), **given)


def hill(batch: Batch) -> dict[str, FloatArray]:
    """A ratio with one summit, at fast 20 and slow 150."""
    fast, slow = batch.values.T
    sharpe = np.exp(-(((fast - 20) / 30) ** 2) - ((slow - 150) / 50) ** 2)
    return {"sharpe": sharpe, "max_drawdown": fast / 400, "trades": 2000.0 / fast}


def completed(batch: Batch) -> np.ndarray:
    return np.full(len(batch.values), "completed")


def searched(found: AdaptivePoints) -> list[Batch]:
    """All batches of a search over the hill."""
    seen = []
    for batch in found.batches(1000):
        found.learn(batch, hill(batch), completed(batch))
        seen.append(batch)
    return seen


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_batches_follow_each_other_until_all_trials_are_asked_for(sampler: str) -> None:
    found = points(sampler=sampler, max_trials=120, batch=50)
    batches = searched(found)
    assert [(batch.first, len(batch.values)) for batch in batches] == [(0, 50), (50, 50), (100, 20)]
    values = np.concatenate([batch.values for batch in batches])
    assert (values[:, 0] < values[:, 1]).all()
    assert len(np.unique(values, axis=0)) == 120
    assert found.bounds == {"fast": (5.0, 94.0), "slow": (20.0, 199.0)}
    assert ((values >= [5, 20]) & (values <= [94, 199])).all()


def test_it_finds_the_summit_sooner_than_chance() -> None:
    batches = searched(points())
    scores = np.concatenate([hill(batch)["sharpe"] for batch in batches])
    assert scores[-80:].mean() > 1.5 * scores[:20].mean()
    assert scores.max() > 0.95


def test_a_sampler_of_several_objectives_spreads_over_the_front() -> None:
    ranking = Ranking.of(["sharpe", "-max_drawdown"])
    batches = searched(
        points(sampler=optuna.samplers.NSGAIISampler(population_size=20), ranking=ranking)
    )
    assert {len(batch.values) for batch in batches} == {20}
    last = np.concatenate([batch.values for batch in batches[-3:]])
    assert np.median(last[:, 0]) < 30  # the front lies at fast 5 to 20 and slow 150
    assert abs(np.median(last[:, 1]) - 150) < 25


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_the_same_seed_and_scores_ask_for_the_same_points(sampler: str) -> None:
    ranking = Ranking.of(["sharpe", "-max_drawdown"], ["trades >= 50"])
    given = {"sampler": sampler, "ranking": ranking, "batch": 20, "max_trials": 100}
    once, twice, other = (searched(points(**given, seed=seed)) for seed in (7, 7, 8))
    for a, b in zip(once, twice, strict=True):
        assert a.values.tobytes() == b.values.tobytes()
    assert once[0].values.tobytes() != other[0].values.tobytes()
    # And learning decides: with other scores the first batch is the same, a later one is not.
    found = points(**given, seed=7)
    changed = []
    for batch in found.batches(1000):
        found.learn(batch, hill(batch) | {"sharpe": -batch.values[:, 0]}, completed(batch))
        changed.append(batch)
    assert changed[0].values.tobytes() == once[0].values.tobytes()
    assert changed[-1].values.tobytes() != once[-1].values.tobytes()


def test_a_replay_goes_on_where_it_stopped() -> None:
    found = points(batch=16)
    whole = searched(found)
    asked = found.batches(1000)  # the same object, from the start
    for known in whole[:4]:
        batch = next(asked)
        found.learn(batch, hill(known), completed(known), recorded=known.values)
    for expected in whole[4:]:
        batch = next(asked)
        assert batch.first == expected.first
        assert batch.values.tobytes() == expected.values.tobytes()
        found.learn(batch, hill(batch), completed(batch))


def test_a_ledger_with_other_points_is_not_gone_on_with() -> None:
    found = points()
    batch = next(found.batches(1000))
    with pytest.raises(IntegrityError, match=r"trials from 0 on have other parameters.*'tpe'"):
        found.learn(batch, hill(batch), completed(batch), recorded=batch.values + 1)


def test_batches_are_learned_one_after_the_other() -> None:
    found = points()
    asked = found.batches(1000)
    first = next(asked)
    with pytest.raises(InputError, match="the batch before was not learned"):
        next(asked)
    batch = next(found.batches(1000))
    with pytest.raises(InputError, match="not the one that was asked for last"):
        found.learn(first, hill(first), completed(first))
    found.learn(batch, hill(batch), completed(batch))
    with pytest.raises(InputError, match="learn each batch once"):
        found.learn(batch, hill(batch), completed(batch))


def test_a_sampler_avoids_where_objectives_are_undefined() -> None:
    found = points(space=SPACE, where=None, max_trials=192, batch=16)
    share = []
    for batch in found.batches(1000):
        metrics = hill(batch)
        metrics["sharpe"] = np.where(batch.values[:, 0] > 40, np.nan, metrics["sharpe"])
        found.learn(batch, metrics, completed(batch))
        share.append(np.isnan(metrics["sharpe"]).mean())
    assert np.mean(share[6:]) < 0.3  # chance gives 0.6


def test_a_small_space_is_asked_for_point_by_point() -> None:
    """Every point once, however few are left for the sampler to find."""
    found = points(space={"fast": [5, 6, 7], "slow": range(20, 30)}, max_trials=30, batch=10)
    values = np.concatenate([batch.values for batch in searched(found)])
    assert len(np.unique(values, axis=0)) == 30


def test_a_point_is_repeated_where_no_other_is_left() -> None:
    found = points(
        space={"fast": [5, 6], "slow": [20, 30]}, where="slow > fast * 3.9", max_trials=4, batch=2
    )  # (6, 20) is outside
    values = np.concatenate([batch.values for batch in searched(found)])
    assert len(values) == 4
    assert len(np.unique(values, axis=0)) == 3


def test_settings_are_searched_alike() -> None:
    found = points(
        space={"fast": [5], "slow": [20], "execution.fee_bps": floats(0.0, 10.0)},
        where="execution.fee_bps < 5",
        max_trials=20,
    )
    assert found.names == ["execution.fee_bps", "fast", "slow"]
    values = np.concatenate([batch.values for batch in searched_fees(found)])
    assert (values[:, 0] < 5).all()
    assert len(np.unique(values[:, 0])) == 20


def searched_fees(found: AdaptivePoints) -> list[Batch]:
    seen = []
    for batch in found.batches(1000):
        found.learn(batch, {"sharpe": -batch.values[:, 0]}, completed(batch))
        seen.append(batch)
    return seen


def test_the_study_is_written_down() -> None:
    found = points(sampler=optuna.samplers.TPESampler(n_startup_trials=3, seed=99), batch=8)
    written = found.to_json()
    assert written["axes"] == [
        ["fast", {"start": 5, "stop": 95, "step": 1}],
        ["slow", {"start": 20, "stop": 200, "step": 1}],
    ]
    assert (written["where"], written["max_trials"], written["batch"]) == ("fast < slow", 160, 8)
    sampler = written["sampler"]
    assert isinstance(sampler, dict)
    assert (sampler["name"], sampler["n_startup_trials"]) == ("tpe", 3)
    assert found.sampler == "tpe"
    assert found.learns


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"max_trials": None}, "has no end; give max_trials=1000"),
        ({"max_trials": 0}, "max_trials is 0; sampler='tpe' takes a whole number from 1"),
        ({"max_trials": True}, "max_trials is True"),
        ({"max_trials": 10**6}, "1 to 100,000.*sampler='sobol' takes more"),
        (
            {"max_trials": ALL + 1},
            "16,200 points, fewer than max_trials=16,201; use sampler='grid'",
        ),
        ({"where": "fast > slow + 100"}, "0 meet where='fast > slow [+] 100'"),
        ({"where": "fats < slow"}, "'fats'"),
        ({"batch": 0}, "batch is 0"),
        ({"space": {"fast": range(5, 95), "slow": range(20, 200), "k": [1]}}, "'k'"),
        ({"space": {"fast": range(5, 200), "slow": [20]}}, "'fast' is 199"),
        ({"space": {**SPACE, "risk.fraction": floats(0.5, 2.0)}}, "leverage"),
        ({"space": {**SPACE, "risk.fraction": floats(0.5, 2.0)}, "where": None}, "leverage"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        points(**changes)


def test_optuna_says_nothing_and_keeps_its_setting(capfd: pytest.CaptureFixture[str]) -> None:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(logging.INFO)
    try:
        searched(points(max_trials=20))
        assert optuna.logging.get_verbosity() == logging.INFO
    finally:
        optuna.logging.set_verbosity(before)
    assert capfd.readouterr() == ("", "")


def test_candidates_that_would_not_fit_into_memory_are_refused() -> None:
    many = optuna.samplers.TPESampler(n_ei_candidates=10_000)
    assert points(sampler=many, max_trials=2_000).size == 2_000
    with pytest.raises(SpaceError, match=r"n_ei_candidates=10,000, .* at most 1,333 of them"):
        points(sampler=many, max_trials=15_000)
