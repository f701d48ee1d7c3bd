from __future__ import annotations

import numpy as np
import pytest
from arch.bootstrap import SPA, StationaryBootstrap

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.long_run import long_run_deviation
from hyprl_lab.research.stats.reality import reality_check, superior_predictive_ability
from hyprl_lab.research.stats.weights import bootstrap_weights

RETURNS = np.random.default_rng(11).normal(0.0005, 0.01, (250, 30))


def weights_of_arch(rows: int, block: int, resamples: int, seed: int) -> np.ndarray:
    """The resamples that `arch.bootstrap.SPA` draws for a seed, as weights."""
    bootstrap = StationaryBootstrap(block, np.arange(rows), seed=seed)
    drawn = [np.bincount(data[0][0], minlength=rows) for data in bootstrap.bootstrap(resamples)]
    return np.array(drawn) / rows


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_unstudentized_form_on_the_resamples_of_arch(seed: int) -> None:
    benchmark = np.random.default_rng(12).normal(0.0, 0.01, 250)
    returns = RETURNS - np.linspace(0.0, 0.006, 30)
    of_arch = SPA(-benchmark, -returns, block_size=10, reps=400, seed=seed)
    of_arch.compute()
    found = superior_predictive_ability(
        returns,
        benchmark=benchmark,
        studentized=False,
        weights=weights_of_arch(250, 10, 400, seed),
    )
    assert [k / 400 for k in found.exceeding] == of_arch.pvalues.tolist()
    assert 0 < found.exceeding[0] < found.exceeding[1] < found.exceeding[2] < 400
    check = reality_check(returns, benchmark=benchmark, weights=weights_of_arch(250, 10, 400, seed))
    assert check.exceeding / 400 == of_arch.pvalues["upper"]
    np.testing.assert_allclose(
        long_run_deviation(returns - benchmark[:, None]) ** 2,
        of_arch._loss_diff_var,
        rtol=1e-10,
    )


def test_on_resamples_of_our_own_arch_is_close() -> None:
    of_arch = SPA(np.zeros(250), -RETURNS, block_size=10, reps=4000, seed=0)
    of_arch.compute()
    found = superior_predictive_ability(RETURNS, studentized=False, resamples=4000)
    assert found.upper == pytest.approx(of_arch.pvalues["upper"], abs=0.03)
    assert found.lower == pytest.approx(of_arch.pvalues["lower"], abs=0.03)


def test_a_seed_stands_for_its_resamples() -> None:
    weights = bootstrap_weights(250, resamples=80, block_length=7.0, seed=5)
    given = superior_predictive_ability(RETURNS, weights=weights, block_length=7.0)
    drawn = superior_predictive_ability(RETURNS, resamples=80, block_length=7.0, seed=5)
    assert given == drawn
    assert reality_check(RETURNS, resamples=80, block_length=7.0, seed=5) == reality_check(
        RETURNS, weights=weights, block_length=7.0
    )


def test_the_unit_of_returns_is_no_matter() -> None:
    plain = superior_predictive_ability(RETURNS, resamples=200)
    percent = superior_predictive_ability(RETURNS * 100.0, resamples=200)
    assert percent.exceeding == plain.exceeding
    assert percent.statistic == pytest.approx(plain.statistic, rel=1e-12)


def test_one_model_is_a_plain_test_of_its_mean() -> None:
    one = np.random.default_rng(1).normal(0.0, 0.01, 400)
    one += 0.01 * 1.645 / 20.0 - one.mean()  # 1.645 standard errors above 0
    one = one * 1.0
    check = reality_check(one, resamples=3000, block_length=1.0)
    assert check.models == 1
    assert check.p_value == pytest.approx(0.05, abs=0.02)
    superior = superior_predictive_ability(one, resamples=3000, block_length=1.0)
    assert superior.upper == check.p_value


def test_a_constant_benchmark_is_a_hurdle() -> None:
    hurdle = reality_check(RETURNS, benchmark=0.002, resamples=200)
    series = reality_check(RETURNS, benchmark=np.full(250, 0.002), resamples=200)
    assert hurdle == series
    assert hurdle.statistic < reality_check(RETURNS, resamples=200).statistic


@pytest.mark.parametrize("function", [reality_check, superior_predictive_ability])
def test_bad_input_is_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(InputError, match="has 5 rows; expected at least 8"):
        function(RETURNS[:5])
    with pytest.raises(InputError, match="block_length is 10 for 12 rows"):
        function(RETURNS[:12])
    with pytest.raises(InputError, match="resamples is -1"):
        function(RETURNS, resamples=-1)
    with pytest.raises(InputError, match="resamples is 0"):
        function(RETURNS, resamples=0)
    with pytest.raises(InputError, match=r"model 0 beats the benchmark by 0\.01"):
        function(np.full((50, 2), 0.01))
    with pytest.raises(InputError, match=r"returns\[0, 0\] is nan"):
        function(RETURNS * np.nan)
    with pytest.raises(InputError, match="the weights are for 200"):
        function(RETURNS, weights=bootstrap_weights(200, resamples=10))
