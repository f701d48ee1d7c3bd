"""Arguments of Optuna's samplers: odd ones are refused before anything runs or is written."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from optuna.samplers import NSGAIISampler, TPESampler, nsgaii

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.search.adaptive_arguments import checked_arguments, checked_part
from hyprl_lab.research.search.adaptive_sampler import sampler_plan

if TYPE_CHECKING:
    from collections.abc import Callable

NAN = float("nan")
CANDIDATES = "a whole number from 1 to 10,000"
STARTUP = "a whole number from 0 to 100,000,000"
POPULATION = "a whole number from 2 to 100,000"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        *[
            (lambda value=value: TPESampler(n_ei_candidates=value), CANDIDATES)
            for value in (0, -1, 10**8, NAN, 2.5, "24", True, None)
        ],
        *[
            (lambda value=value: TPESampler(n_startup_trials=value), STARTUP)
            for value in (-1, NAN, 2.5, 10**400, True)
        ],
        *[
            (lambda value=value: TPESampler(constant_liar=value), "True or False")
            for value in (5, None, NAN)
        ],
        (lambda: TPESampler(multivariate=1), "True or False"),
        *[
            (lambda value=value: NSGAIISampler(population_size=value), POPULATION)
            for value in (NAN, 2.5, 10**9)
        ],
        (lambda: NSGAIISampler(mutation_prob=True), "a number from 0 to 1,"),
        (
            lambda: NSGAIISampler(crossover=nsgaii.BLXAlphaCrossover(alpha=-1.0)),
            "a number from 0 to 100,",
        ),
        (
            lambda: NSGAIISampler(crossover=nsgaii.SBXCrossover(eta=NAN)),
            "a finite number from 0,",
        ),
    ],
)
def test_odd_arguments_are_refused(make: Callable[[], Any], said: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Optuna calls experimental
        sampler = make()
    with pytest.raises(SpaceError, match=re.escape(f"; expected {said}")):
        sampler_plan(sampler)


@pytest.mark.parametrize("name", ["mutation_prob", "crossover_prob", "swapping_prob"])
@pytest.mark.parametrize("value", [NAN, -0.1, 1.1, 10**400, "0.5", True])
def test_probabilities(name: str, value: object) -> None:
    """Optuna refuses most of these itself; attributes may be set afterwards."""
    with pytest.raises(SpaceError, match=f"NSGAIISampler has {name}=.*expected a number from 0 to"):
        checked_arguments("NSGAIISampler", {name: value})


def test_numbers_of_numpy_become_plain_ones() -> None:
    given = {"population_size": np.int64(20), "crossover_prob": np.float32(0.5), "group": np.True_}
    assert repr(checked_arguments("x", given)) == (
        "{'population_size': 20, 'crossover_prob': 0.5, 'group': True}"
    )
    assert checked_part("SBXCrossover", {"eta": None, "uniform_crossover_prob": 1}) == {
        "eta": None,
        "uniform_crossover_prob": 1,
    }
