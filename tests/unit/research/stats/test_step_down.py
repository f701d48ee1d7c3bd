from __future__ import annotations

import math

import numpy as np
import pytest
from arch.bootstrap import StepM

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.long_run import long_run_deviation
from hyprl_lab.research.stats.reality import reality_check, superior_predictive_ability
from hyprl_lab.research.stats.step_down import romano_wolf
from hyprl_lab.research.stats.weights import bootstrap_weights


def some_models(models: int, seed: int) -> np.ndarray:
    stream = np.random.default_rng(seed)
    common = stream.normal(0.0, 0.005, (150, 1))
    own = stream.normal(0.0, 1.0, (150, models)) * stream.uniform(0.003, 0.02, models)
    return common + own + stream.normal(0.0, 0.0015, models)


def by_definition(returns: np.ndarray, weights: np.ndarray, studentized: bool) -> list[float]:
    """Romano and Wolf (2016), algorithm 4.1, one hypothesis at a time."""
    rows, models = returns.shape
    scale = long_run_deviation(returns) if studentized else np.ones(models)
    means = returns.mean(axis=0)
    statistics = math.sqrt(rows) * means / scale
    draws = math.sqrt(rows) * (weights @ returns - means) / scale
    left = sorted(range(models), key=lambda model: -statistics[model])
    p_values, before = [0.0] * models, 0.0
    while left:
        best = left[0]
        k = sum(max(draw[model] for model in left) >= statistics[best] for draw in draws)
        before = max(before, (k + 1) / (len(weights) + 1))
        p_values[best] = before
        left = left[1:]
    return p_values


@pytest.mark.parametrize("studentized", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_against_the_algorithm_one_hypothesis_at_a_time(seed: int, studentized: bool) -> None:
    returns = some_models(20, seed)
    weights = bootstrap_weights(150, resamples=200, seed=seed)
    found = romano_wolf(returns, weights=weights, studentized=studentized)
    assert found.p_values.tolist() == by_definition(returns, weights, studentized)
    drawn = romano_wolf(returns, resamples=200, seed=seed, studentized=studentized)
    np.testing.assert_array_equal(drawn.p_values, found.p_values)


def test_the_smallest_is_the_p_value_of_the_best() -> None:
    returns = some_models(600, 5)
    found = romano_wolf(returns, resamples=300)
    whole = superior_predictive_ability(returns, resamples=300)
    assert found.p_values.min() == found.p_values[whole.best] == whole.upper
    assert found.statistics[whole.best] == pytest.approx(whole.statistic, rel=1e-12)
    plain = romano_wolf(returns, resamples=300, studentized=False)
    assert plain.p_values.min() == reality_check(returns, resamples=300).p_value


def test_better_models_have_smaller_p_values() -> None:
    found = romano_wolf(some_models(300, 6), resamples=300)
    order = np.argsort(-found.statistics)
    assert (np.diff(found.p_values[order]) >= 0.0).all()


def test_equal_models_have_equal_p_values() -> None:
    returns = some_models(6, 7)
    found = romano_wolf(np.column_stack((returns, returns)), resamples=200)
    np.testing.assert_array_equal(found.p_values[:6], found.p_values[6:])
    np.testing.assert_array_equal(found.p_values[:6], romano_wolf(returns, resamples=200).p_values)


def test_a_step_down_finds_more_than_one_step() -> None:
    """A second good model is compared with the bad ones only."""
    returns = np.random.default_rng(8).normal(0.0, 0.01, (150, 40))
    returns[:, 3] += 0.006
    returns[:, 9] += 0.005
    found = romano_wolf(returns, resamples=500)
    assert np.flatnonzero(found.p_values <= 0.05).tolist() == [3, 9]


def test_the_same_models_are_found_by_arch() -> None:
    """arch's StepM takes no studentisation and its own resamples; the good ones are clear."""
    returns = np.random.default_rng(9).normal(0.0, 0.01, (150, 15))
    returns[:, [2, 11]] += 0.006
    of_arch = StepM(np.zeros(150), -returns, size=0.05, block_size=10, reps=500, seed=1)
    of_arch.compute()
    found = romano_wolf(returns, resamples=500, studentized=False)
    assert list(of_arch.superior_models) == np.flatnonzero(found.p_values <= 0.05).tolist()


def test_models_that_never_trade_have_a_p_value_of_one() -> None:
    returns = some_models(10, 1)
    found = romano_wolf(np.insert(returns, 4, 0.0, axis=1), resamples=100)
    assert (found.constant, found.p_values[4], found.statistics[4]) == (1, 1.0, 0.0)
    rest = np.delete(found.p_values, 4)
    np.testing.assert_array_equal(rest, romano_wolf(returns, resamples=100).p_values)
    nobody = romano_wolf(np.zeros((150, 3)), resamples=20)
    assert nobody.p_values.tolist() == [1.0, 1.0, 1.0]


def test_a_benchmark_is_subtracted() -> None:
    returns = some_models(10, 2)
    benchmark = returns[:, 0] * 0.5
    found = romano_wolf(returns, benchmark=benchmark, resamples=100)
    over = romano_wolf(returns - benchmark[:, None], resamples=100)
    np.testing.assert_array_equal(found.p_values, over.p_values)


def test_one_model_is_allowed() -> None:
    one = np.random.default_rng(1).normal(0.001, 0.01, 200)
    found = romano_wolf(one, resamples=300)
    assert found.p_values.tolist() == [superior_predictive_ability(one, resamples=300).upper]


def test_bad_input_is_refused() -> None:
    returns = some_models(5, 3)
    with pytest.raises(InputError, match="resamples is -1"):
        romano_wolf(returns, resamples=-1)
    with pytest.raises(InputError, match="expected at least 8"):
        romano_wolf(returns[:4])
    with pytest.raises(InputError, match="expected at most half the rows"):
        romano_wolf(returns[:15])
    holed = returns.copy()
    holed[2, 1] = np.inf
    with pytest.raises(InputError, match=r"returns\[2, 1\] is inf"):
        romano_wolf(holed)
    with pytest.raises(InputError, match="model 0 beats the benchmark"):
        romano_wolf(np.full((50, 2), 0.5))
