"""How long a record must be before its Sharpe ratio means something.

Sources: Bailey and López de Prado (2012) for the track record; Bailey, Borwein, López de Prado and
Zhu, "Pseudo-mathematics and financial charlatanism" (2014) for the back-test; López de Prado,
Lipton and Zoonekynd (2025) for serial dependence.
"""

from __future__ import annotations

import math

from hyprl_lab.research.stats.checks import finite, open_share
from hyprl_lab.research.stats.normal import normal_quantile
from hyprl_lab.research.stats.sharpe import expected_max_sharpe, sharpe_variance

__all__ = ["minimum_backtest_length", "minimum_track_record_length"]


def minimum_track_record_length(  # noqa: PLR0917 - the order of the papers, which callers know
    sharpe: float,
    skew: float,
    kurtosis: float,
    benchmark: float = 0.0,
    confidence: float = 0.95,
    autocorrelation: float | None = None,
) -> float:
    """Return how many returns it takes to be `confidence` sure that SR > `benchmark`.

    1 + V(SR)·(z/(SR - SR*))² (2012), or V(SR*)·(z/(SR - SR*))² with an autocorrelation (2025):
    the n at which `probabilistic_sharpe_ratio` reaches `confidence`.

    Parameters
    ----------
    sharpe, benchmark
        Per period.
    skew, kurtosis
        Biased moments of the returns; kurtosis raw (normal = 3).
    confidence
        Between 0 and 1.
    autocorrelation
        First autocorrelation; choosing one, 0 included, chooses the form of 2025.

    Returns
    -------
    float
        Number of returns; infinite where SR ≤ SR*, since no record would do.

    Raises
    ------
    InputError
        An argument is NaN, infinite or out of range.

    Examples
    --------
    >>> round(minimum_track_record_length(2 / 250**0.5, 0, 3, 1 / 250**0.5) / 250, 4)
    2.7312
    >>> minimum_track_record_length(-0.1, 0, 3)
    inf
    """
    z = normal_quantile(open_share("confidence", confidence))
    excess = finite("sharpe", sharpe) - finite("benchmark", benchmark)
    if autocorrelation is None:
        least, variance = 1.0, sharpe_variance(sharpe, skew, kurtosis)
    else:
        least = 0.0
        variance = sharpe_variance(benchmark, skew, kurtosis, autocorrelation=autocorrelation)
    if excess <= 0.0:
        return math.inf
    return least + variance * (z / excess) ** 2


def minimum_backtest_length(trials: int, sharpe: float) -> float:
    """Return the years below which the best of `trials` worthless trials shows `sharpe`.

    (Emax(N)/SR)² (Bailey, Borwein, López de Prado and Zhu 2014).

    Parameters
    ----------
    trials
        Every trial that was made, at least 1.
    sharpe
        Annualised.

    Returns
    -------
    float
        Years; infinite where the Sharpe ratio is not above 0.

    Raises
    ------
    InputError
        `trials` is not a whole number of at least 1, or `sharpe` is not finite.

    Examples
    --------
    >>> round(minimum_backtest_length(45, 1.0), 4)
    4.9981
    """
    best = expected_max_sharpe(trials)
    ratio = finite("sharpe", sharpe)
    return math.inf if ratio <= 0.0 else (best / ratio) ** 2
