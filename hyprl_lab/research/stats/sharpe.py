"""How sure one may be of a Sharpe ratio: probabilistic and deflated.

Sources: Bailey and López de Prado, "The Sharpe ratio efficient frontier" (2012) and "The deflated
Sharpe ratio" (2014); López de Prado, Lipton and Zoonekynd, "How to use the Sharpe ratio" (2025).
"""

from __future__ import annotations

import math
from typing import Final

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.checks import finite, whole
from hyprl_lab.research.stats.normal import normal_cdf, normal_upper_quantile

__all__ = [
    "deflated_sharpe_ratio",
    "expected_max_sharpe",
    "probabilistic_sharpe_ratio",
    "sharpe_variance",
]

EULER_GAMMA: Final = 0.57721566490153286


def sharpe_variance(
    sharpe: float, skew: float, kurtosis: float, *, autocorrelation: float | None = None
) -> float:
    """Return the variance of an estimated Sharpe ratio, times the number of returns.

    `a - b·skew·SR + c·(kurtosis - 1)/4·SR²`, a = b = c = 1 for independent returns; for a first
    autocorrelation r: a = 1 + 2B, b = 1 + B + C, c = 1 + 2C, B = r/(1 - r), C = r²/(1 - r²)
    (López de Prado, Lipton and Zoonekynd 2025).

    Parameters
    ----------
    sharpe
        Per period.
    skew, kurtosis
        Of the returns; kurtosis raw (normal = 3).
    autocorrelation
        First autocorrelation of the returns, between -1 and 1; `None` is independence.

    Raises
    ------
    InputError
        An argument is not finite or out of range, or no distribution has these moments.

    Examples
    --------
    >>> sharpe_variance(0.1, 0.0, 3.0)
    1.005
    """
    ratio, third, fourth = (
        finite("sharpe", sharpe),
        finite("skew", skew),
        finite("kurtosis", kurtosis),
    )
    rho = 0.0 if autocorrelation is None else finite("autocorrelation", autocorrelation)
    if not -1.0 < rho < 1.0:
        raise InputError(f"autocorrelation is {rho}; expected a number between -1 and 1")
    if fourth < 1.0:
        raise InputError(f"kurtosis is {fourth}; raw kurtosis is at least 1 (normal = 3)")
    first, second = rho / (1.0 - rho), rho * rho / (1.0 - rho * rho)
    variance = (
        1.0
        + 2.0 * first
        - (1.0 + first + second) * third * ratio
        + (1.0 + 2.0 * second) * (fourth - 1.0) / 4.0 * ratio * ratio
    )
    if variance <= 0.0:
        raise InputError(
            f"skew {third} and kurtosis {fourth} leave a Sharpe ratio of {ratio} no variance; "
            "check that both are of the same returns (kurtosis is at least 1 + skew²)"
        )
    return variance


def probabilistic_sharpe_ratio(  # noqa: PLR0917 - the order of the papers, which callers know
    sharpe: float,
    n: int,
    skew: float,
    kurtosis: float,
    benchmark: float = 0.0,
    autocorrelation: float | None = None,
) -> float:
    """Return the probability that the true Sharpe ratio is above `benchmark`.

    With `autocorrelation=None`: Φ((SR - SR*)·√(n - 1) / √V(SR)) (Bailey and López de Prado 2012).
    With a number, 0 included: Φ((SR - SR*)·√n / √V(SR*)), V for an AR(1) series (López de Prado,
    Lipton and Zoonekynd 2025). V is `sharpe_variance`.

    Parameters
    ----------
    sharpe, benchmark
        Per period.
    n
        Number of returns, at least 2.
    skew, kurtosis
        Biased moments of the returns; kurtosis raw (normal = 3).
    autocorrelation
        First autocorrelation; choosing one chooses the form of 2025.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    InputError
        An argument is NaN, infinite or out of range.

    Examples
    --------
    >>> round(probabilistic_sharpe_ratio(1.585 / 12**0.5, 24, -2.448, 10.164), 4)
    0.9132
    """
    count = whole("n", n, least=2)
    excess = finite("sharpe", sharpe) - finite("benchmark", benchmark)
    if autocorrelation is None:
        return normal_cdf(
            excess * math.sqrt(count - 1) / math.sqrt(sharpe_variance(sharpe, skew, kurtosis))
        )
    variance = sharpe_variance(benchmark, skew, kurtosis, autocorrelation=autocorrelation)
    return normal_cdf(excess * math.sqrt(count) / math.sqrt(variance))


def expected_max_sharpe(trials: int) -> float:
    """Return the expected largest of `trials` independent standard normal numbers.

    (1 - g)·Φ⁻¹(1 - 1/N) + g·Φ⁻¹(1 - 1/(N·e)), g Euler's constant; 0 for one trial (Bailey and
    López de Prado 2014). Times the standard deviation of the trials' Sharpe ratios it is what
    the best of N worthless trials would show.

    Raises
    ------
    InputError
        `trials` is not a whole number of at least 1.

    Examples
    --------
    >>> round(expected_max_sharpe(100), 10)
    2.5306028932
    """
    count = whole("trials", trials, least=1)
    if count == 1:
        return 0.0
    return (1.0 - EULER_GAMMA) * normal_upper_quantile(
        1.0 / count
    ) + EULER_GAMMA * normal_upper_quantile(1.0 / (count * math.e))


def deflated_sharpe_ratio(  # noqa: PLR0917 - the order of the papers, which callers know
    sharpe: float,
    n: int,
    skew: float,
    kurtosis: float,
    trials: int,
    variance: float,
    floor: bool = False,
) -> float:
    """Return the probability that a Sharpe ratio is real, given how many were tried.

    The probabilistic Sharpe ratio against √V·Emax(N) (Bailey and López de Prado 2014).

    Parameters
    ----------
    sharpe
        Of the chosen trial, per period.
    n
        Number of its returns, at least 2.
    skew, kurtosis
        Biased moments of its returns; kurtosis raw (normal = 3).
    trials
        Every trial that was made, at least 1.
    variance
        Variance (ddof=1) of the trials' Sharpe ratios, per period, ≥ 0; not used for one trial.
    floor
        Take V no smaller than 1/(n - 1), the variance of a worthless trial's Sharpe ratio:
        near-duplicates among the trials shrink V and would let noise pass.

    Raises
    ------
    InputError
        An argument is NaN, infinite or out of range.

    Examples
    --------
    >>> per_day = 250**0.5
    >>> round(deflated_sharpe_ratio(2.5 / per_day, 1250, -3, 10, 100, 0.5 / 250), 4)
    0.9004
    """
    count = whole("n", n, least=2)
    spread = finite("variance", variance)
    if spread < 0.0:
        raise InputError(f"variance is {spread}; a variance of Sharpe ratios is at least 0")
    if floor:
        spread = max(spread, 1.0 / (count - 1))
    benchmark = math.sqrt(spread) * expected_max_sharpe(trials)
    return probabilistic_sharpe_ratio(sharpe, count, skew, kurtosis, benchmark)
