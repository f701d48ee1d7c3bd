"""The four numbers of a return series that the Sharpe statistics need."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.metrics import Moments, Returns

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["ReturnMoments", "return_moments"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnMoments:
    """Sharpe ratio and shape of a return series.

    Parameters
    ----------
    n
        Number of returns.
    sharpe
        Mean over standard deviation (ddof=1), per period.
    skew, kurtosis
        Biased third and fourth standardised moments; kurtosis raw (normal = 3).
    """

    n: int
    sharpe: float
    skew: float
    kurtosis: float


def return_moments(returns: ArrayLike) -> ReturnMoments | None:
    """Return the moments of a return series, `None` where its Sharpe ratio is undefined.

    Parameters
    ----------
    returns
        Shape (n,), simple returns per period. Fewer than two, or constant ones: `None`.

    Raises
    ------
    InputError
        A return is NaN or infinite, or the array is not one-dimensional.

    Examples
    --------
    >>> return_moments([0.01, -0.01, 0.02, 0.0]).sharpe
    0.3872983346207417
    >>> return_moments([0.01, 0.01]) is None
    True
    """
    series = Returns(np.asarray(returns, dtype=np.float64))
    moments = Moments.of(series)
    mean, variance = moments.mean, moments.variance
    skew, kurtosis = moments.skewness, moments.kurtosis
    if mean is None or not variance or skew is None or kurtosis is None:
        return None
    return ReturnMoments(
        n=len(series), sharpe=mean / math.sqrt(variance), skew=skew, kurtosis=kurtosis
    )
