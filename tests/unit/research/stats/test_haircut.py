from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from scipy.integrate import quad
from scipy.optimize import brentq

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.haircut import haircut_sharpe


def by_scipy(sharpe: float, n: int, trials: int, periods: float) -> tuple[float, float, float]:
    t = sharpe * math.sqrt(n / periods)
    p = 2.0 * scipy_stats.t.sf(t, n - 1)
    adjusted = min(1.0, trials * p)
    return p, adjusted, scipy_stats.t.isf(adjusted / 2.0, n - 1) * math.sqrt(periods / n)


@given(
    sharpe=st.floats(0.05, 4.0),
    n=st.integers(3, 3000),
    trials=st.integers(1, 100_000),
    periods=st.sampled_from([1.0, 12.0, 52.0, 252.75]),
)
def test_against_student_t_by_hand(sharpe: float, n: int, trials: int, periods: float) -> None:
    found = haircut_sharpe(sharpe, n, trials, periods_per_year=periods)
    p, adjusted, left = by_scipy(sharpe, n, trials, periods)
    assert found.p_value == pytest.approx(p, rel=1e-9)
    assert found.adjusted_p_value == pytest.approx(adjusted, rel=1e-9)
    if p > 1e-300:
        assert found.adjusted_sharpe == pytest.approx(left, rel=1e-7, abs=1e-7)
        assert found.haircut == pytest.approx(1.0 - left / sharpe, abs=1e-6)


def test_autocorrelation_as_the_variance_of_a_years_sum() -> None:
    """Lo (2002): the annual deviation of an AR(1) is the root of the sum of all covariances."""
    for rho in (-0.4, 0.0, 0.1, 0.6):
        year = sum(rho ** abs(i - j) for i in range(12) for j in range(12))
        found = haircut_sharpe(1.0, 120, 1, autocorrelation=rho).sharpe
        assert found == pytest.approx(math.sqrt(12.0 / year), rel=1e-12)


def test_more_trials_leave_less() -> None:
    left = [haircut_sharpe(1.5, 240, trials).adjusted_sharpe for trials in (1, 10, 100, 10**12)]
    assert left == sorted(left, reverse=True)
    assert left[0] == pytest.approx(1.5)
    assert left[-1] == 0.0
    assert haircut_sharpe(1.5, 240, 10**12).haircut == 1.0


def test_a_ratio_beyond_the_smallest_p_is_still_cut_a_little() -> None:
    """The tail continues where float64 ends: no jump, and never more than was there."""
    below = haircut_sharpe(8.35, 20 * 252, 10**5, periods_per_year=252)
    ratios = [9.0, 9.2, 12.0, 40.0]
    cuts = [haircut_sharpe(r, 20 * 252, 10**5, periods_per_year=252) for r in ratios]
    assert cuts[-1].p_value == 0.0
    shares = [below.haircut, *(cut.haircut for cut in cuts)]
    assert shares == sorted(shares, reverse=True)
    assert all(share is not None and share > 0.0 for share in shares)


@pytest.mark.parametrize(("n", "sharpe"), [(613, 12.0), (5040, 20.0), (100_000, 3.0)])
def test_the_tail_beyond_float64_against_its_logarithm_integrated(n: int, sharpe: float) -> None:
    def log_tail(t: float) -> float:
        top = scipy_stats.t.logpdf(t, n - 1)
        rest, _ = quad(
            lambda x: math.exp(scipy_stats.t.logpdf(t + x, n - 1) - top), 0.0, t, epsrel=1e-12
        )
        return float(top + math.log(rest))

    found = haircut_sharpe(sharpe, n, 4851, periods_per_year=12)
    assert found.p_value < 1e-307
    t = sharpe * math.sqrt(n / 12)
    wanted = log_tail(t) + math.log(4851)
    left = brentq(lambda x: log_tail(x) - wanted, 0.5 * t, t, xtol=1e-12)
    assert found.adjusted_sharpe == pytest.approx(left * math.sqrt(12 / n), rel=2e-5)


def test_nothing_is_cut_from_a_ratio_that_is_not_above_zero() -> None:
    for sharpe in (0.0, -1.0):
        found = haircut_sharpe(sharpe, 120, 50)
        assert found.adjusted_sharpe == sharpe
        assert found.haircut is None
    assert haircut_sharpe(-1.0, 120, 50).p_value == haircut_sharpe(1.0, 120, 50).p_value


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(InputError, match="sharpe is nan"):
        haircut_sharpe(float("nan"), 120, 10)
    with pytest.raises(InputError, match="n is 1"):
        haircut_sharpe(1.0, 1, 10)
    with pytest.raises(InputError, match="trials is 0"):
        haircut_sharpe(1.0, 120, 0)
    with pytest.raises(InputError, match=r"autocorrelation is 1\.0"):
        haircut_sharpe(1.0, 120, 10, autocorrelation=1.0)
    with pytest.raises(InputError, match=r"periods_per_year is 0\.5"):
        haircut_sharpe(1.0, 120, 10, periods_per_year=0.5)
