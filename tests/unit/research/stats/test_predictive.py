from __future__ import annotations

import math

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats import predictive
from hyprl_lab.research.stats.bootstrap import stationary_indices
from hyprl_lab.research.stats.long_run import long_run_deviation
from hyprl_lab.research.stats.predictive import (
    JudgedModel,
    PredictiveAbility,
    PredictiveTests,
)
from hyprl_lab.research.stats.step_down import romano_wolf
from hyprl_lab.research.stats.streams import SplitMix64
from hyprl_lab.research.stats.weights import bootstrap_weights

ROWS, RESAMPLES = 120, 150


def some_models(models: int, seed: int = 0, edge: float = 0.0) -> np.ndarray:
    stream = np.random.default_rng(seed)
    deviations = stream.uniform(0.002, 0.05, models)
    means = stream.normal(-0.001, 0.002, models)
    returns = stream.normal(0.0, 1.0, (ROWS, models)) * deviations + means
    returns[:, models // 2] += edge
    return returns


def by_definition(
    returns: np.ndarray, seed: int, block: float, studentized: bool
) -> tuple[int, list[int]]:
    """White (2000) and Hansen (2005), a resample and a model at a time."""
    means, root = returns.mean(axis=0), math.sqrt(ROWS)
    omega = long_run_deviation(returns, block_length=block)
    scale = omega if studentized else np.ones(len(means))
    real = root * max(means)
    superior = max(0.0, *(root * means / scale))
    bound = -math.sqrt(2.0 * math.log(math.log(ROWS)))
    exceed, exceeds = 0, [0, 0, 0]
    for path in range(RESAMPLES):
        rows = stationary_indices(SplitMix64.of_path(seed, path), ROWS, block)
        drawn = returns[rows].mean(axis=0)
        exceed += max(root * (drawn - means)) >= real
        for form in range(3):
            largest = 0.0
            for model, mean in enumerate(means):
                close = root * mean / omega[model] >= bound
                centre = (max(mean, 0.0), mean if close else 0.0, mean)[form]
                largest = max(largest, root * (drawn[model] - centre) / scale[model])
            exceeds[form] += largest >= superior
    return exceed, exceeds


def fed(
    returns: np.ndarray, parts: int, *, seed: int = 0, block: float = 10.0, studentized: bool = True
) -> PredictiveAbility:
    weights = bootstrap_weights(ROWS, resamples=RESAMPLES, block_length=block, seed=seed)
    tests = PredictiveTests(weights, block_length=block, studentized=studentized)
    for part in np.array_split(np.arange(returns.shape[1]), parts):
        tests.add(returns[:, part])
    return tests.finish()


@pytest.mark.parametrize("studentized", [True, False])
@pytest.mark.parametrize(("seed", "edge"), [(0, 0.0), (1, 0.003), (2, 0.006)])
def test_both_tests_against_their_definitions(seed: int, edge: float, studentized: bool) -> None:
    returns = some_models(25, seed, edge)
    real, superior = by_definition(returns, seed, 6.0, studentized)
    found = fed(returns, 1, seed=seed, block=6.0, studentized=studentized)
    assert found.reality_check.exceeding == real
    assert found.reality_check.p_value == (real + 1) / (RESAMPLES + 1)
    assert list(found.superior.exceeding) == superior
    assert [found.superior.lower, found.superior.consistent, found.superior.upper] == [
        (k + 1) / (RESAMPLES + 1) for k in superior
    ]
    assert found.reality_check.best == int(returns.mean(axis=0).argmax())
    scale = long_run_deviation(returns, block_length=6.0)
    ratios = returns.mean(axis=0) / (scale if studentized else 1.0)
    assert found.superior.best == int(ratios.argmax())
    assert found.superior.deviation == pytest.approx(scale[ratios.argmax()], rel=1e-12)


def test_parts_give_what_the_whole_gives() -> None:
    returns = some_models(700, 3, 0.002)
    whole = fed(returns, 1)
    for parts in (2, 7, 700):
        other = fed(returns, parts)
        assert other.superior.exceeding == whole.superior.exceeding
        assert other.reality_check.exceeding == whole.reality_check.exceeding
        assert other.superior.statistic == whole.superior.statistic
        assert other.reality_check.statistic == whole.reality_check.statistic
        assert (other.superior.best, other.reality_check.best) == (
            whole.superior.best,
            whole.reality_check.best,
        )
        assert other.superior.models == 700


def judged_among(returns: np.ndarray, place: int, parts: int, studentized: bool) -> JudgedModel:
    weights = bootstrap_weights(ROWS, resamples=RESAMPLES)
    tests = PredictiveTests(weights, judged=returns[:, place], studentized=studentized)
    for part in np.array_split(returns, parts, axis=1):
        tests.add(part)
    return tests.judge()


@pytest.mark.parametrize("studentized", [True, False])
def test_the_judged_one_has_what_the_step_down_says(studentized: bool) -> None:
    returns = some_models(300, 3) + 0.001
    returns[:, 150] += 0.004
    returns[:, 77] = returns[:, 12]  # two that are equal
    returns[:, 30] = 0.0
    whole = romano_wolf(returns, resamples=RESAMPLES, studentized=studentized)
    order = np.argsort(-whole.statistics)
    assert len(set(whole.p_values[order[:50]])) > 10  # or the steps would not be seen
    for rank in (0, 1, 2, 5, 10, 20, 40, 100, 299):
        place = int(order[rank])
        found = judged_among(returns, place, 1 + rank % 4, studentized)
        assert found.p_value == whole.p_values[place]
        assert found.statistic == pytest.approx(whole.statistics[place], rel=1e-12)
        assert (found.better, found.stepped) == (rank - (rank > order.tolist().index(30)), True)
    twins = [judged_among(returns, place, 2, studentized).p_value for place in (12, 77)]
    assert twins[0] == twins[1] == whole.p_values[12]
    idle = judged_among(returns, 30, 2, studentized)
    assert (idle.p_value, idle.statistic) == (whole.p_values[30], 0.0)


def test_where_many_stand_above_it_a_single_step_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = some_models(300, 3) + 0.001
    statistics = romano_wolf(returns, resamples=RESAMPLES).statistics
    order = np.argsort(-statistics)
    monkeypatch.setattr(predictive, "_BETTER_BYTES", 10 * 8 * RESAMPLES)
    kept = judged_among(returns, int(order[10]), 3, studentized=True)
    assert (kept.better, kept.stepped) == (10, True)
    place = int(order[11])
    found = judged_among(returns, place, 3, studentized=True)
    assert (found.better, found.stepped) == (11, False)
    weights = bootstrap_weights(ROWS, resamples=RESAMPLES)
    scale = math.sqrt(ROWS) / long_run_deviation(returns)
    largest = ((weights @ returns - returns.mean(axis=0)) * scale).max(axis=1)
    k = int((np.maximum(largest, 0.0) >= statistics[place]).sum())
    assert found.p_value == (k + 1) / (RESAMPLES + 1)


def test_what_is_kept_does_not_grow() -> None:
    weights = bootstrap_weights(ROWS, resamples=RESAMPLES)
    tests = PredictiveTests(weights)

    def kept() -> int:
        return sum(v.nbytes for v in vars(tests).values() if isinstance(v, np.ndarray))

    tests.add(some_models(3))
    before = kept()
    tests.add(some_models(900))
    assert kept() == before


def test_recentring_goes_from_lower_to_upper() -> None:
    for seed in range(5):
        found = fed(some_models(60, seed), 1, seed=seed).superior
        assert found.lower <= found.consistent <= found.upper


def test_bad_and_wild_models_weaken_the_reality_check_alone() -> None:
    """Hansen's reason for the test: poor and noisy company must not hide a good model."""
    stream = np.random.default_rng(5)
    good = stream.normal(0.002, 0.004, (ROWS, 1))
    bad = stream.normal(-0.02, 0.05, (ROWS, 40))
    found = fed(np.column_stack((good, bad)), 1)
    alone = fed(good, 1)
    assert alone.superior.consistent < 0.02
    assert found.superior.consistent < 0.05
    assert found.reality_check.p_value > 0.5


def test_models_that_never_trade_count_and_change_nothing() -> None:
    returns = some_models(20, 1, 0.004)
    idle = np.insert(returns, [0, 7, 20], 0.0, axis=1)
    plain, found = fed(returns, 1), fed(idle, 2)
    assert found.superior.constant == 3
    assert found.superior.models == found.reality_check.models == 23
    assert found.superior.exceeding == plain.superior.exceeding
    assert found.reality_check.exceeding == plain.reality_check.exceeding
    np.testing.assert_array_equal(idle[:, found.superior.best], returns[:, plain.superior.best])


def test_nobody_traded() -> None:
    found = fed(np.zeros((ROWS, 5)), 2)
    assert found.reality_check.p_value == 1.0
    assert found.superior.consistent == 1.0
    assert (found.superior.best, found.superior.deviation) == (None, None)
    assert (found.superior.statistic, found.superior.constant) == (0.0, 5)


def test_all_losing_is_no_evidence() -> None:
    found = fed(some_models(30) - 0.05, 1)
    assert found.superior.statistic == 0.0
    assert found.superior.lower == found.superior.upper == 1.0
    assert found.reality_check.p_value == 1.0


def test_the_first_of_equals_is_the_best() -> None:
    one = some_models(1, 4) + 0.01
    found = fed(np.repeat(one, 600, axis=1), 3)
    assert (found.superior.best, found.reality_check.best) == (0, 0)
    assert found.superior.exceeding == fed(one, 1).superior.exceeding


def test_noise_is_rejected_about_as_often_as_it_says() -> None:
    weights = bootstrap_weights(500, resamples=1999, block_length=1.0)
    p_values = []
    for seed in range(250):
        tests = PredictiveTests(weights, block_length=1.0)
        tests.add(np.random.default_rng(seed).normal(0.0, 0.01, (500, 20)))
        p_values.append(tests.finish().superior.consistent)
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.04)
    assert np.mean(np.array(p_values) <= 0.5) == pytest.approx(0.5, abs=0.1)


def test_bad_input_is_refused() -> None:
    weights = bootstrap_weights(ROWS, resamples=20)
    tests = PredictiveTests(weights)
    with pytest.raises(InputError, match="no model was added"):
        tests.finish()
    with pytest.raises(InputError, match="no model is judged"):
        tests.judge()
    with pytest.raises(InputError, match="no model was added"):
        PredictiveTests(weights, judged=some_models(1)).judge()
    with pytest.raises(InputError, match="returns have 119 rows; the weights are for 120"):
        PredictiveTests(weights, judged=some_models(1)[1:])
    with pytest.raises(InputError, match="returns have 119 rows; the weights are for 120"):
        tests.add(some_models(3)[1:])
    with pytest.raises(InputError, match="at least one model"):
        tests.add(np.empty((ROWS, 0)))
    holed = some_models(3)
    holed[5, 2] = np.nan
    with pytest.raises(InputError, match=r"returns\[5, 2\] is nan"):
        tests.add(holed)
    tests.add(some_models(3))
    with pytest.raises(InputError, match=r"model 4 beats the benchmark by 0\.01"):
        tests.add(np.column_stack((some_models(1), np.full(ROWS, 0.01))))
    with pytest.raises(InputError, match="block_length is 61 for 120 rows"):
        PredictiveTests(weights, block_length=61.0)
    with pytest.raises(InputError, match="benchmark has 7 values"):
        PredictiveTests(weights, benchmark=np.zeros(7))
    with pytest.raises(InputError, match="sum to"):
        PredictiveTests(weights * 2.0)
