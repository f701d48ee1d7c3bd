from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.bootstrap import optimal_block_length, stationary_indices
from hyprl_lab.research.stats.monte_carlo import FAN, Method, monte_carlo
from hyprl_lab.research.stats.streams import SplitMix64

RETURNS = np.random.default_rng(0).normal(0.002, 0.03, 70)


def rows_of(method: Method, path: int, n: int, block: float) -> np.ndarray:
    stream = SplitMix64.of_path(6, path)
    if method == "shuffle":
        return np.argsort(stream.uniforms(n), kind="stable")
    return stationary_indices(stream, n, block)


@pytest.mark.parametrize(
    ("method", "block"), [("shuffle", None), ("resample", None), ("bootstrap", 4.0)]
)
def test_against_every_path_by_hand(method: Method, block: float | None) -> None:
    curves, falls = [], []
    for path in range(40):
        curve, peak, worst = [1.0], 1.0, 0.0
        for row in rows_of(method, path, 70, block or 1.0):
            curve.append(curve[-1] * (1.0 + RETURNS[row]))
            peak = max(peak, curve[-1])
            worst = max(worst, 1.0 - curve[-1] / peak)
        curves.append(curve)
        falls.append(worst)
    found = monte_carlo(RETURNS, method=method, resamples=40, block_length=block, seed=6)
    assert found.steps.tolist() == list(range(71))
    np.testing.assert_allclose(found.fan, np.quantile(curves, FAN, axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.final_equities, [c[-1] for c in curves], rtol=1e-12)
    np.testing.assert_allclose(found.max_drawdowns, falls, rtol=1e-12)
    equity = np.concatenate(([1.0], np.cumprod(1.0 + RETURNS)))
    np.testing.assert_allclose(found.path, equity, rtol=1e-12)
    assert found.final_equity == pytest.approx(equity[-1])
    actual = (1.0 - equity / np.maximum.accumulate(equity)).max()
    assert found.max_drawdown == pytest.approx(actual)
    assert found.drawdown_p_value == (sum(fall >= actual for fall in falls) + 1) / 41


def test_the_same_seed_gives_the_same_result_in_parts_or_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = monte_carlo(RETURNS, resamples=30, seed=3)
    module = import_module("hyprl_lab.research.stats.monte_carlo")  # the name is a function too
    monkeypatch.setattr(module, "_SHUFFLED_AT_ONCE", 500)
    parts = monte_carlo(RETURNS, resamples=30, seed=3)
    np.testing.assert_array_equal(whole.max_drawdowns, parts.max_drawdowns)
    np.testing.assert_array_equal(whole.fan, parts.fan)
    other = monte_carlo(RETURNS, resamples=30, seed=4)
    assert not np.array_equal(whole.max_drawdowns, other.max_drawdowns)


def test_a_shuffle_ends_where_the_returns_end() -> None:
    found = monte_carlo(RETURNS, resamples=50)
    np.testing.assert_allclose(found.final_equities, found.final_equity, rtol=1e-12)
    np.testing.assert_allclose(found.fan[:, 0], 1.0)
    assert (np.diff(found.fan, axis=0) >= -1e-12).all()


def test_one_loss_falls_as_deep_wherever_it_stands() -> None:
    found = monte_carlo([0.1, 0.2, -0.15, 0.05, 0.3], resamples=99)
    np.testing.assert_allclose(found.max_drawdowns, 0.15, rtol=1e-12)
    assert found.drawdown_p_value == 1.0


def test_the_worst_order_is_told_from_the_best() -> None:
    returns = [-0.05] * 10 + [0.06] * 10
    assert monte_carlo(returns, resamples=199).drawdown_p_value == 1 / 200
    alternating = [0.06, -0.05] * 10
    assert monte_carlo(alternating, resamples=199).drawdown_p_value == 1.0


def test_the_optimal_block_is_taken_where_none_is_given() -> None:
    returns = np.sin(np.arange(300) * 0.1) * 0.01
    found = monte_carlo(returns, method="bootstrap", resamples=5)
    assert found.block_length == optimal_block_length(returns)
    assert monte_carlo(returns, method="resample", resamples=5).block_length is None


def test_the_fan_is_measured_at_some_steps_of_a_long_path() -> None:
    returns = np.random.default_rng(1).normal(0.0, 0.001, 1003)
    found = monte_carlo(returns, resamples=20, points=10, probabilities=(0.0, 1.0))
    assert len(found.steps) == 11
    assert (found.steps[0], found.steps[-1]) == (0, 1003)
    assert found.fan.shape == (2, 11)
    full = monte_carlo(returns, resamples=20, points=5000, probabilities=(0.0, 1.0))
    np.testing.assert_array_equal(found.fan, full.fan[:, found.steps])


def test_a_return_of_all_or_more_leaves_nothing_for_good() -> None:
    found = monte_carlo([0.5, -2.0, -3.0, 0.5], resamples=20)
    assert found.final_equity == 0.0
    assert (found.final_equities == 0.0).all()
    assert (found.max_drawdowns == 1.0).all()


def test_bad_input_is_refused() -> None:
    with pytest.raises(InputError, match="expected at least 2"):
        monte_carlo([0.1])
    with pytest.raises(InputError, match=r"returns\[1\] is nan"):
        monte_carlo([0.1, float("nan")])
    with pytest.raises(InputError, match="resamples is -3"):
        monte_carlo(RETURNS, resamples=-3)
    with pytest.raises(InputError, match="points is 0"):
        monte_carlo(RETURNS, points=0)
    with pytest.raises(InputError, match="method is 'jumble'; expected one of shuffle"):
        monte_carlo(RETURNS, method="jumble")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="draws one by one"):
        monte_carlo(RETURNS, block_length=5.0)
    with pytest.raises(InputError, match="numbers from 0 to 1"):
        monte_carlo(RETURNS, probabilities=(0.5, 5.0))
    with pytest.raises(InputError, match="probabilities has 0 values"):
        monte_carlo(RETURNS, probabilities=())
    with pytest.raises(InputError, match="not all equal"):
        monte_carlo([0.1] * 20, method="bootstrap")
    with pytest.raises(InputError, match="expected fractions"):
        monte_carlo([1e200, 1e200, 1e200])
