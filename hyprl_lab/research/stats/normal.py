"""The normal distribution, accurate in both tails and free of SciPy's import."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Final

__all__ = ["normal_cdf", "normal_quantile", "normal_upper_quantile"]

_STANDARD: Final = NormalDist()


def normal_cdf(x: float) -> float:
    """Return Φ(x), by the complementary error function, so that small tails keep their digits.

    Examples
    --------
    >>> normal_cdf(0.0)
    0.5
    >>> normal_cdf(-20.0) > 0.0
    True
    """
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def normal_quantile(p: float) -> float:
    """Return Φ⁻¹(p) for 0 < p < 1 (Wichura 1988, AS 241).

    Examples
    --------
    >>> round(normal_quantile(0.975), 12)
    1.95996398454
    """
    return _STANDARD.inv_cdf(p)


def normal_upper_quantile(p: float) -> float:
    """Return Φ⁻¹(1 - p) without forming 1 - p, which would round a small p away.

    Examples
    --------
    >>> normal_upper_quantile(1e-20) > 9.0
    True
    """
    return -_STANDARD.inv_cdf(p)
