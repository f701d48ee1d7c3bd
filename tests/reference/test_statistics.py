"""Values that other people's code, or the papers' own, gave."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.research import stats
from hyprl_lab.research.stats.bootstrap import optimal_block_length, stationary_indices
from hyprl_lab.research.stats.streams import SplitMix64

if TYPE_CHECKING:
    import pandas as pd

RELATIVE = 1e-11  # all are smooth functions in float64; the quantile at 1 - 1/N costs 2e-12


@pytest.mark.parametrize(
    ("trials", "expected"),
    [(10, 1.57459830134575), (100, 2.5306028932016846), (100_000, 4.390828742376489)],
)
def test_expected_max_sharpe_of_the_paper(trials: int, expected: float) -> None:
    """Bailey and López de Prado, "The deflated Sharpe ratio" (2014), the authors' own code."""
    assert stats.expected_max_sharpe(trials) == pytest.approx(expected, rel=RELATIVE)


def test_deflated_sharpe_ratio_of_the_papers_example() -> None:
    """Bailey and López de Prado (2014): SR 2.5, V 0.5 (both annual), 250 d/y, N = 100."""
    variance = 0.5 / 250
    benchmark = math.sqrt(variance) * stats.expected_max_sharpe(100)
    assert benchmark == pytest.approx(0.11317200186513214, rel=RELATIVE)
    value = stats.deflated_sharpe_ratio(2.5 / math.sqrt(250), 1250, -3.0, 10.0, 100, variance)
    assert value == pytest.approx(0.9003968344493903, rel=RELATIVE)


@pytest.mark.parametrize(
    ("skew", "kurtosis", "expected"),
    [(-2.448, 10.164, 0.9132343068848602), (0.0, 3.0, 0.9815912360834967)],
)
def test_probabilistic_sharpe_ratio_of_the_paper(
    skew: float, kurtosis: float, expected: float
) -> None:
    """Bailey and López de Prado, "The Sharpe ratio efficient frontier" (2012), table of T = 24."""
    value = stats.probabilistic_sharpe_ratio(1.585 / math.sqrt(12), 24, skew, kurtosis)
    assert value == pytest.approx(expected, rel=RELATIVE)


@pytest.mark.parametrize(
    ("benchmark", "expected"), [(0.0, 0.987207261261433), (0.1, 0.9391476251031433)]
)
def test_probabilistic_sharpe_ratio_of_2025(benchmark: float, expected: float) -> None:
    """López de Prado, Lipton and Zoonekynd, "How to use the Sharpe ratio" (2025), their code."""
    value = stats.probabilistic_sharpe_ratio(
        0.036 / 0.079, 24, -2.448, 10.164, benchmark, autocorrelation=0.0
    )
    assert value == pytest.approx(expected, rel=RELATIVE)


def test_minimum_track_record_length_of_2025() -> None:
    """López de Prado, Lipton and Zoonekynd (2025), the same sample, alpha = 0.05."""
    value = stats.minimum_track_record_length(0.036 / 0.079, -2.448, 10.164, autocorrelation=0.0)
    assert value == pytest.approx(13.028778315593735, rel=RELATIVE)


@pytest.mark.parametrize(("periods", "years"), [(250, 2.731187801728176), (52, 2.828833586945237)])
def test_minimum_track_record_length_of_2012(periods: int, years: float) -> None:
    """Bailey and López de Prado (2012): annual SR 2 against 1 at 95 %, daily and weekly."""
    root = math.sqrt(periods)
    value = stats.minimum_track_record_length(2 / root, 0.0, 3.0, 1 / root) / periods
    assert value == pytest.approx(years, rel=RELATIVE)


def test_minimum_backtest_length_of_the_paper() -> None:
    """Bailey, Borwein, López de Prado and Zhu (2014): 45 trials and five years give SR 1."""
    assert stats.minimum_backtest_length(45, 1.0) == pytest.approx(4.998087004443404, rel=RELATIVE)


def test_deflated_sharpe_ratio_of_a_search_over_moving_averages() -> None:
    """GOOG of the `backtesting` package (2,148 bars), 16 SMA pairs; moments by numpy and pandas."""
    moments = (0.052272072429007284, 2088, 0.4970548488953646, 11.918495766201847)
    variance = 0.000152688066737178
    plain = stats.deflated_sharpe_ratio(*moments, 16, variance)
    floored = stats.deflated_sharpe_ratio(*moments, 16, variance, floor=True)
    assert plain == pytest.approx(0.9168985947927515, rel=RELATIVE)
    assert floored == pytest.approx(0.7234246716926347, rel=RELATIVE)


def test_splitmix64_of_the_reference_generator() -> None:
    """Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014), seed 42."""
    assert int(SplitMix64(42).integers(1)[0]) == 13679457532755275413
    assert SplitMix64(42).uniforms(1)[0] == 0.7415648787718233


def test_stationary_bootstrap_indices_of_the_sequential_definition() -> None:
    """Politis and Romano (1994) drawn one number at a time from SplitMix64(42), T = 2,088."""
    indices = stationary_indices(SplitMix64(42), 2088, 10.0)
    assert indices[:5].tolist() == [1548, 1549, 1550, 1551, 1812]


def test_optimal_block_length_of_arch() -> None:
    """arch 8.0.0, `arch.bootstrap.optimal_block_length` on sin(.05t) + .1cos(1.3t), t < 500."""
    t = np.arange(500)
    series = np.sin(0.05 * t) + 0.1 * np.cos(1.3 * t)
    assert optimal_block_length(series) == pytest.approx(35.47876055970225, rel=1e-9)
    found = optimal_block_length(series, method="circular")
    assert found == pytest.approx(40.6130425208306, rel=1e-9)


@pytest.fixture(scope="module")
def pipeline(goog: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Returns of 16 SMA pairs on GOOG, columns fast-major, and the parameter pairs."""
    close = goog["close"].to_numpy()
    change = np.concatenate(([0.0], np.diff(close) / close[:-1]))
    fast, slow = (5, 10, 15, 20), (30, 40, 50, 60)
    means = {w: goog["close"].rolling(w).mean().to_numpy() for w in (*fast, *slow)}
    start = max(slow) - 1
    columns = [(np.sign(means[f] - means[s])[:-1] * change[1:])[start:] for f in fast for s in slow]
    return np.column_stack(columns), np.array([(f, s) for f in fast for s in slow])


def test_pipeline_on_goog(pipeline: tuple[np.ndarray, np.ndarray]) -> None:
    """pandas and numpy on the bars of `backtesting` 0.6.6: moments, V and both DSRs."""
    returns, pairs = pipeline
    moments = [stats.return_moments(returns[:, column]) for column in range(16)]
    sharpes = np.array([m.sharpe for m in moments if m is not None])
    best = int(np.argmax(sharpes))
    chosen = moments[best]
    assert chosen is not None
    assert (chosen.n, pairs[best].tolist()) == (2088, [10, 40])
    assert chosen.sharpe == pytest.approx(0.052272072429007284, rel=RELATIVE)
    assert chosen.skew == pytest.approx(0.4970548488953646, rel=1e-9)
    assert chosen.kurtosis == pytest.approx(11.918495766201847, rel=1e-9)
    variance = float(sharpes.var(ddof=1))
    assert variance == pytest.approx(0.000152688066737178, rel=1e-9)
    arguments = (chosen.sharpe, chosen.n, chosen.skew, chosen.kurtosis, 16, variance)
    assert stats.deflated_sharpe_ratio(*arguments) == pytest.approx(0.9168985947927515, rel=1e-9)
    assert stats.deflated_sharpe_ratio(*arguments, floor=True) == pytest.approx(
        0.7234246716926347, rel=1e-9
    )


def test_reality_check_of_the_sequential_bootstrap_on_goog(
    pipeline: tuple[np.ndarray, np.ndarray],
) -> None:
    """White (2000) by one sequential SplitMix64(42), q = 1/10, B = 499: V, k and p.

    It exercises the resampling: every path starts where the one before it stopped reading.
    """
    returns, _ = pipeline
    rows = len(returns)
    means = returns.mean(axis=0)
    observed = math.sqrt(rows) * means.max()
    assert observed == pytest.approx(0.050193275981118474, rel=1e-10)
    stream, exceed = SplitMix64(42), 0
    for _path in range(499):
        sample = returns[stationary_indices(stream, rows, 10.0)]
        exceed += math.sqrt(rows) * (sample.mean(axis=0) - means).max() >= observed
    assert exceed == 15
    assert (exceed + 1) / 500 == 0.032


def test_optimal_block_length_of_arch_on_goog(goog: pd.DataFrame) -> None:
    """arch 8.0.0, `optimal_block_length` of GOOG's simple returns and of their squares."""
    returns = goog["close"].pct_change().dropna().to_numpy()
    for values, stationary, circular in (
        (returns, 0.6423806789955521, 0.7353423123872884),
        (returns**2, 7.468463784533663, 8.549256864149442),
    ):
        assert optimal_block_length(values) == pytest.approx(stationary, rel=1e-9)
        found = optimal_block_length(values, method="circular")
        assert found == pytest.approx(circular, rel=1e-9)
