"""Which samplers steer a search, and that what is written down makes the same sampler again."""

from __future__ import annotations

import json
import warnings
from typing import Any

import optuna
import pytest
from optuna.samplers import NSGAIISampler, TPESampler, nsgaii

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.search.adaptive_sampler import (
    is_adaptive,
    sampler_from_json,
    sampler_plan,
)

TPE: dict[str, Any] = {
    "n_startup_trials": 7,
    "n_ei_candidates": 11,
    "multivariate": False,
    "group": False,
    "constant_liar": False,
}
NSGA2: dict[str, Any] = {
    "population_size": 24,
    "mutation_prob": 0.25,
    "crossover_prob": 0.75,
    "swapping_prob": 0.375,
}


def test_every_argument_of_a_tpe_sampler_is_read() -> None:
    plan = sampler_plan(TPESampler(seed=3, **TPE))
    assert (plan.name, dict(plan.arguments)) == ("tpe", TPE)


def test_every_argument_of_an_nsga2_sampler_is_read() -> None:
    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        mutation = nsgaii.PolynomialMutation(eta=12.0)
    plan = sampler_plan(NSGAIISampler(**NSGA2, mutation=mutation))
    assert plan.name == "nsga2"
    assert dict(plan.arguments) == {
        **NSGA2,
        "crossover": {"kind": "UniformCrossover", "swapping_prob": 0.375},
        "mutation": {"kind": "PolynomialMutation", "eta": 12.0},
    }


def test_names_are_the_samplers_as_optuna_makes_them() -> None:
    assert sampler_plan("tpe") == sampler_plan(TPESampler())
    assert sampler_plan("nsga2") == sampler_plan(NSGAIISampler())


def test_what_is_written_down_makes_the_same_sampler_again() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Optuna calls experimental, its user was told
        given = [
            TPESampler(**TPE),
            TPESampler(multivariate=True, group=True),
            NSGAIISampler(**NSGA2),
            NSGAIISampler(crossover=nsgaii.SBXCrossover(eta=3.0), population_size=10),
            NSGAIISampler(crossover=nsgaii.UNDXCrossover()),
        ]
    for sampler in given:
        plan = sampler_plan(sampler)
        written = json.loads(json.dumps(plan.to_json()))
        assert written["optuna"] == optuna.__version__
        assert sampler_plan(sampler_from_json(written)) == plan


def test_a_sampler_that_was_used_is_read_as_new() -> None:
    sampler = TPESampler(seed=1, n_startup_trials=2)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=sampler)
    study.optimize(lambda trial: trial.suggest_float("x", 0.0, 1.0), n_trials=5)
    assert sampler_plan(sampler) == sampler_plan(TPESampler(n_startup_trials=2))


def test_one_seed_makes_one_stream() -> None:
    def draws(seed: int) -> list[float]:
        study = optuna.create_study(sampler=sampler_plan("tpe").make(seed))
        return [study.ask().suggest_float("x", 0.0, 1.0) for _ in range(3)]

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    assert draws(5) == draws(5)
    assert draws(5) != draws(6)
    assert draws(2**62) != draws(0)


@pytest.mark.parametrize(
    ("name", "trials", "batch"),
    [("tpe", 10, 1), ("tpe", 100, 6), ("tpe", 9999, 32), ("nsga2", 10, 50)],
)
def test_a_batch_lets_a_sampler_learn_often_enough(name: str, trials: int, batch: int) -> None:
    assert sampler_plan(name).batch(trials) == batch


def test_what_learns_is_told_from_what_does_not() -> None:
    for learns in ("tpe", "nsga2", TPESampler(), optuna.samplers.RandomSampler()):
        assert is_adaptive(learns)
    for other in ("grid", "sobol", None, 3, object()):
        assert not is_adaptive(other)


class Mine(TPESampler):
    """A class of the user's."""


@pytest.mark.parametrize(
    ("sampler", "said"),
    [
        ("sobol", "can't steer a search; choose 'grid', .*'tpe'"),
        (TPESampler, r"make one: TPESampler\(\)"),
        (Mine(), "use 'tpe', 'nsga2'"),
        (optuna.samplers.RandomSampler(), "use sampler='random'"),
        (optuna.samplers.GridSampler({"a": [1]}), "use sampler='grid'"),
        (42, "can't steer a search"),
    ],
)
def test_other_samplers_are_refused_with_what_to_use(sampler: object, said: str) -> None:
    with pytest.raises(SpaceError, match=said):
        sampler_plan(sampler)


def test_a_sampler_that_can_not_be_written_down_is_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = {
            "gamma": TPESampler(gamma=lambda trials: 3),
            "weights": TPESampler(prior_weight=2.0),
            "constraints_func": TPESampler(constraints_func=lambda trial: [0.0]),
            "child_generation_strategy": NSGAIISampler(
                child_generation_strategy=lambda study, space, parents: {}
            ),
        }
        sobol = optuna.samplers.QMCSampler(scramble=True, seed=1)
        constrained = NSGAIISampler(constraints_func=lambda trial: [0.0])
    for argument, sampler in given.items():
        with pytest.raises(SpaceError, match=f"has {argument}.* set, which a study can't write"):
            sampler_plan(sampler)
    with pytest.raises(SpaceError, match="use sampler='sobol'"):
        sampler_plan(sobol)
    with pytest.raises(SpaceError, match=r"give supersearch\(constraints="):
        sampler_plan(constrained)


def test_an_unknown_name_is_not_made() -> None:
    with pytest.raises(SpaceError, match="'gp'; expected one of"):
        sampler_from_json({"name": "gp"})
