from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.research.stats import predictive, romano_wolf, superior_predictive_ability
from hyprl_lab.research.validation.search_ability import SearchAbility, search_ability


def models(edge: float = 0.0) -> np.ndarray:
    made = np.random.default_rng(1).normal(0.0, 0.01, (400, 60))
    made[:, 11] += edge
    return made


def asked(returns: np.ndarray, place: int, *, wide: int = 60) -> SearchAbility:
    return search_ability(
        [returns[:, first : first + wide] for first in range(0, returns.shape[1], wide)],
        returns[:, place],
        trials=returns.shape[1],
        left_out=0,
        resamples=499,
        seed=2,
    )


def test_it_is_what_the_statistics_say() -> None:
    returns = models(0.001)
    found = asked(returns, 11, wide=13)
    options = {"block_length": found.block_length, "resamples": 499, "seed": 2}
    superior = superior_predictive_ability(returns, **options)
    assert (found.lower, found.consistent, found.upper) == (
        superior.lower,
        superior.consistent,
        superior.upper,
    )
    assert found.chosen == romano_wolf(returns, **options).p_values[11]
    assert found.stepped
    assert SearchAbility.from_dict(found.to_dict()) == found


def test_an_edge_is_seen_and_luck_is_not() -> None:
    assert asked(models(0.003), 11).consistent <= 0.01
    best = int(np.argmax(models().mean(axis=0)))
    assert asked(models(), best).consistent > 0.05


def test_a_single_step_is_no_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = models(0.003)
    stepped = {place: asked(returns, place) for place in (11, 4)}
    monkeypatch.setattr(predictive, "_BETTER_BYTES", 0)
    single = {place: asked(returns, place) for place in (11, 4)}
    assert (single[4].stepped, stepped[4].stepped) == (False, True)
    # the block length is that of the judged trial, so the rest is compared with itself
    assert single[11].chosen == stepped[11].chosen  # the best of all
    assert single[4].chosen >= stepped[4].chosen
    assert single[4].consistent == stepped[4].consistent
