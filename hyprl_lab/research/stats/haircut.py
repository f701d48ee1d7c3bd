"""What is left of a Sharpe ratio when it is known how many were tried.

Source: Harvey and Liu, "Backtesting" (2015); the correction for autocorrelation is that of Lo, "The
statistics of Sharpe ratios" (2002).
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.checks import finite, whole

__all__ = ["Haircut", "haircut_sharpe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Haircut:
    """A Sharpe ratio before and after.

    Parameters
    ----------
    sharpe
        Annual, corrected for autocorrelation.
    p_value
        Two-sided, of this one test.
    adjusted_p_value
        min(1, M·p).
    adjusted_sharpe
        Annual: the ratio whose single test has the adjusted p-value.
    haircut
        Share of `sharpe` that was cut, 0 to 1; `None` where `sharpe` is not above 0.
    """

    sharpe: float
    p_value: float
    adjusted_p_value: float
    adjusted_sharpe: float
    haircut: float | None


def haircut_sharpe(
    sharpe: float,
    n: int,
    trials: int,
    *,
    periods_per_year: float = 12.0,
    autocorrelation: float = 0.0,
) -> Haircut:
    """Return the Sharpe ratio that would be as surprising, had it been the only one tried.

    t = SR/√f·√n for f periods a year, p its two-sided value under Student's t with n - 1 degrees
    of freedom, min(1, M·p) that of Bonferroni, which is turned back into a Sharpe ratio (Harvey
    and Liu 2015). For the best of M trials Holm's p-value is Bonferroni's; that of Benjamini,
    Hochberg and Yekutieli needs the p-values of all trials (`benjamini_yekutieli`). With an
    autocorrelation r the ratio is first multiplied by
    [1 + 2r/(1 - r)·(1 - (1 - r^f)/(f·(1 - r)))]^(-1/2), f rounded (Lo 2002).

    A ratio of 0 or below is returned as it is: there is nothing to cut.

    Parameters
    ----------
    sharpe
        Annualised.
    n
        Number of returns, at least 2.
    trials
        M, every trial that was made, at least 1.
    periods_per_year
        Returns in a year, at least 1; 12 for months.
    autocorrelation
        First autocorrelation of the returns, between -1 and 1.

    Raises
    ------
    InputError
        An argument is NaN, infinite or out of range.

    Examples
    --------
    >>> found = haircut_sharpe(1.0, 120, 100, autocorrelation=0.1)
    >>> round(found.adjusted_sharpe, 4), round(found.haircut, 2)
    (0.2317, 0.75)
    """
    count, tests = whole("n", n, least=2), whole("trials", trials, least=1)
    periods = finite("periods_per_year", periods_per_year)
    if periods < 1.0:
        raise InputError(f"periods_per_year is {periods}; expected at least 1")
    ratio = finite("sharpe", sharpe) * _less_autocorrelation(autocorrelation, round(periods))
    to_t = math.sqrt(count / periods)
    p, adjusted_p, t = _cut(ratio * to_t, count - 1, tests)
    if ratio <= 0.0:
        return Haircut(
            sharpe=ratio,
            p_value=p,
            adjusted_p_value=adjusted_p,
            adjusted_sharpe=ratio,
            haircut=None,
        )
    adjusted = min(ratio, t / to_t)
    return Haircut(
        sharpe=ratio,
        p_value=p,
        adjusted_p_value=adjusted_p,
        adjusted_sharpe=adjusted,
        haircut=1.0 - adjusted / ratio,
    )


def _less_autocorrelation(autocorrelation: float, periods: int) -> float:
    rho = finite("autocorrelation", autocorrelation)
    if not -1.0 < rho < 1.0:
        raise InputError(f"autocorrelation is {rho}; expected a number between -1 and 1")
    ramp = 1.0 - (1.0 - rho**periods) / (periods * (1.0 - rho))
    return 1.0 / math.sqrt(1.0 + 2.0 * rho / (1.0 - rho) * ramp)


def _cut(t: float, freedom: int, tests: int) -> tuple[float, float, float]:
    """Return p of |t|, its Bonferroni value, and the |t| of that."""
    from scipy.special import stdtr, stdtrit

    p = 2.0 * float(stdtr(freedom, -abs(t)))
    adjusted = min(1.0, tests * p)
    if adjusted == 1.0:
        return min(1.0, p), 1.0, 0.0
    if p > sys.float_info.min:
        return p, adjusted, -float(stdtrit(freedom, 0.5 * adjusted))
    # Beyond float64 the tail is (1 + t²/f)^(-f/2), up to a factor that hardly moves.
    left = (1.0 + t * t / freedom) * tests ** (-2.0 / freedom) - 1.0
    return p, adjusted, math.sqrt(freedom * max(0.0, left))
