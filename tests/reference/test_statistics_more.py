"""Values that other people's code, or the papers' own, gave: many tests, ruin, Kelly, haircut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.research.stats.haircut import haircut_sharpe
from hyprl_lab.research.stats.kelly import classic_kelly, kelly
from hyprl_lab.research.stats.long_run import long_run_deviation
from hyprl_lab.research.stats.multiple import benjamini_hochberg, benjamini_yekutieli, holm
from hyprl_lab.research.stats.overfitting import (
    block_sums,
    overfitting_of_blocks,
    probability_of_backtest_overfitting,
)
from hyprl_lab.research.stats.overfitting_reference import reference_overfitting
from hyprl_lab.research.stats.reality import reality_check, superior_predictive_ability
from hyprl_lab.research.stats.ruin import barrier_ruin, gambler_ruin
from hyprl_lab.research.stats.streams import SplitMix64
from hyprl_lab.research.stats.weights import sequential_weights

if TYPE_CHECKING:
    import pandas as pd

RELATIVE = 1e-12  # smooth functions in float64; the quantile of Student's t costs 1e-13


def test_haircut_of_the_authors_example() -> None:
    """Harvey and Liu, "Backtesting" (2015): SR 1 over 120 months, 100 tests, autocorrelation .1.

    Their program prints a Bonferroni p-value of .465, a Sharpe ratio of .232, a haircut of 74.6 %.
    """
    found = haircut_sharpe(1.0, 120, 100, periods_per_year=12, autocorrelation=0.1)
    assert found.sharpe == pytest.approx(0.9122454608392983, rel=RELATIVE)
    assert found.adjusted_p_value == pytest.approx(0.46512300015943975, rel=RELATIVE)
    assert found.adjusted_sharpe == pytest.approx(0.23173088626954952, rel=RELATIVE)


def test_adjusted_p_values_of_statsmodels() -> None:
    """statsmodels 0.15.0, `multipletests(p, method="holm" | "fdr_bh")`."""
    p = [0.0005, 0.011, 0.02, 0.0225, 0.04, 0.4]
    assert holm(p) == pytest.approx([0.003, 0.055, 0.08, 0.08, 0.08, 0.4], rel=RELATIVE)
    adjusted = [0.003, 0.033, 0.03375, 0.03375, 0.048, 0.4]
    assert benjamini_hochberg(p) == pytest.approx(adjusted, rel=RELATIVE)
    harmonic = sum(1.0 / k for k in range(1, 7))
    yekutieli = [min(1.0, value * harmonic) for value in adjusted]
    assert benjamini_yekutieli(p) == pytest.approx(yekutieli, rel=RELATIVE)


def test_kelly_of_ten_trades() -> None:
    """scipy.optimize.brentq on the first-order condition; W - (1 - W)/b by hand."""
    outcomes = np.array([0.012, -0.01, 0.02, -0.01, -0.01, 0.015, -0.01, 0.03, -0.01, -0.008])
    assert kelly(outcomes / 0.01) == pytest.approx(0.0958192960, abs=5e-11)
    assert classic_kelly(outcomes) == pytest.approx(0.09870129870129873, rel=RELATIVE)


def test_first_passage_of_a_geometric_brownian_motion() -> None:
    """Closed form in scipy: drift .10, volatility .20, a loss of .3 within 5 years."""
    assert barrier_ruin(0.10, 0.20, 0.3, 5.0) == pytest.approx(0.17464025991603277, rel=RELATIVE)


def test_gamblers_ruin() -> None:
    """Feller: (q/p) to the tenth, p = .55."""
    assert gambler_ruin(0.55, 10) == pytest.approx(0.13443063274931166, rel=RELATIVE)


@pytest.fixture(scope="module")
def crossings(goog: pd.DataFrame) -> np.ndarray:
    """Returns of 16 SMA pairs on the GOOG of `backtesting` 0.6.6, columns fast-major."""
    close = goog["close"]
    change = close.pct_change().fillna(0.0).to_numpy()
    fast, slow = (5, 10, 15, 20), (30, 40, 50, 60)
    means = {w: close.rolling(w).mean().to_numpy() for w in (*fast, *slow)}
    start = max(slow) - 1
    columns = [(np.sign(means[f] - means[s])[:-1] * change[1:])[start:] for f in fast for s in slow]
    return np.column_stack(columns)


@pytest.fixture(scope="module")
def resamples(crossings: np.ndarray) -> np.ndarray:
    """499 stationary bootstrap resamples, q = 1/10, from one sequential SplitMix64(42)."""
    return sequential_weights(
        len(crossings), resamples=499, block_length=10.0, stream=SplitMix64(42)
    )


def test_reality_check_on_goog(crossings: np.ndarray, resamples: np.ndarray) -> None:
    """White (2000) drawn one number at a time: V, k and p."""
    found = reality_check(crossings, weights=resamples)
    assert found.statistic == pytest.approx(0.050193275981118474, rel=1e-10)
    assert (found.exceeding, found.p_value, found.best) == (15, 0.032, 5)


def test_superior_predictive_ability_on_goog(crossings: np.ndarray, resamples: np.ndarray) -> None:
    """Hansen (2005), studentised by his kernel estimator of omega with q = 1/10.

    Omega of the first column, the statistic, k and p of the consistent form.
    """
    assert long_run_deviation(crossings)[0] == pytest.approx(0.02066271438681893, rel=1e-10)
    found = superior_predictive_ability(crossings, weights=resamples)
    assert found.statistic == pytest.approx(2.468800751817037, rel=1e-10)
    assert found.exceeding[1] == 16
    assert found.consistent == 0.034


@pytest.mark.parametrize(
    ("rows", "trials", "turn", "drift", "blocks", "probability", "mean_logit"),
    [
        (240, 20, 0.37, 0.0, 10, 0.9325396825396826, -1.7669532757342858),
        (203, 7, 1.1, 0.0001, 8, 0.4142857142857143, None),
    ],
)
def test_overfitting_of_a_sine_matrix(
    rows: int,
    trials: int,
    turn: float,
    drift: float,
    blocks: int,
    probability: float,
    mean_logit: float | None,
) -> None:
    """numpy by the definition of Bailey et al. (2017): .01 sin(a(t + 1)(n + 1) + n²) + drift."""
    t, n = np.arange(rows)[:, None], np.arange(trials)
    matrix = 0.01 * np.sin(turn * (t + 1) * (n + 1) + n * n) + drift * (n - (trials - 1) / 2)
    found = probability_of_backtest_overfitting(matrix, blocks)
    assert found.probability == pytest.approx(probability, rel=RELATIVE)
    if mean_logit is not None:
        assert found.mean_logit == pytest.approx(mean_logit, rel=RELATIVE)
    _, logits = reference_overfitting(matrix, blocks)
    assert float(np.mean(logits <= 0.0)) == pytest.approx(probability, rel=RELATIVE)


@pytest.mark.parametrize(
    ("blocks", "probability"), [(8, 0.5571428571428572), (16, 0.43325563325563327)]
)
def test_overfitting_on_goog(crossings: np.ndarray, blocks: int, probability: float) -> None:
    """numpy by the definition, from all returns and from what the ledger keeps of them."""
    found = probability_of_backtest_overfitting(crossings, blocks)
    assert found.probability == pytest.approx(probability, rel=RELATIVE)
    sums, squares = block_sums(crossings, blocks)
    of_sums = overfitting_of_blocks(sums, squares, len(crossings) // blocks)
    assert of_sums.probability == found.probability
    np.testing.assert_array_equal(of_sums.logits, found.logits)
