"""P-values of many tests, adjusted for their number.

Sources: Holm, "A simple sequentially rejective multiple test procedure" (1979); Benjamini and
Hochberg, "Controlling the false discovery rate" (1995); Benjamini and Yekutieli (2001). The two
rates of false discoveries are computed by `scipy.stats.false_discovery_control`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.arrays import series

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hyprl_lab.types import FloatArray

__all__ = ["benjamini_hochberg", "benjamini_yekutieli", "bonferroni", "holm"]


def bonferroni(p_values: ArrayLike) -> FloatArray:
    """Return min(1, M·p): the chance of one false discovery or more is controlled.

    Parameters
    ----------
    p_values
        Shape (M,), of all tests made, each between 0 and 1.

    Returns
    -------
    FloatArray
        Shape (M,), in the order given.

    Raises
    ------
    InputError
        There is no p-value, or one is NaN or outside 0 to 1.

    Examples
    --------
    >>> bonferroni([0.01, 0.4, 0.03]).tolist()
    [0.03, 1.0, 0.09]
    """
    p = _checked(p_values)
    return np.minimum(1.0, p * len(p))


def holm(p_values: ArrayLike) -> FloatArray:
    """Return Holm's step-down p-values: as sure as Bonferroni's and never larger (Holm 1979).

    The i-th smallest of M is multiplied by M - i + 1; then the running maximum, at most 1.

    Parameters
    ----------
    p_values
        Shape (M,), of all tests made, each between 0 and 1.

    Returns
    -------
    FloatArray
        Shape (M,), in the order given.

    Raises
    ------
    InputError
        There is no p-value, or one is NaN or outside 0 to 1.

    Examples
    --------
    >>> holm([0.01, 0.4, 0.03]).tolist()
    [0.03, 0.4, 0.06]
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.minimum(1.0, adjusted)


def benjamini_hochberg(p_values: ArrayLike) -> FloatArray:
    """Return p-values that control the share of false discoveries (Benjamini, Hochberg 1995).

    The i-th smallest of M is multiplied by M/i; then the running minimum from the largest down.
    For tests that are independent or positively dependent.

    Parameters
    ----------
    p_values
        Shape (M,), of all tests made, each between 0 and 1.

    Returns
    -------
    FloatArray
        Shape (M,), in the order given.

    Raises
    ------
    InputError
        There is no p-value, or one is NaN or outside 0 to 1.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.4, 0.03]).round(3).tolist()
    [0.03, 0.4, 0.045]
    """
    return _false_discoveries(p_values, "bh")


def benjamini_yekutieli(p_values: ArrayLike) -> FloatArray:
    """Return p-values that control the share of false discoveries under any dependence.

    Those of `benjamini_hochberg` times 1 + 1/2 + … + 1/M (Benjamini and Yekutieli 2001), at most
    1; Harvey and Liu (2015) call it BHY.

    Parameters
    ----------
    p_values
        Shape (M,), of all tests made, each between 0 and 1.

    Returns
    -------
    FloatArray
        Shape (M,), in the order given.

    Raises
    ------
    InputError
        There is no p-value, or one is NaN or outside 0 to 1.

    Examples
    --------
    >>> benjamini_yekutieli([0.01, 0.4, 0.03]).round(4).tolist()
    [0.055, 0.7333, 0.0825]
    """
    return _false_discoveries(p_values, "by")


def _false_discoveries(p_values: ArrayLike, method: str) -> FloatArray:
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(_checked(p_values), method=method))


def _checked(p_values: ArrayLike) -> FloatArray:
    p = series("p_values", p_values, least=1)
    outside = np.flatnonzero((p < 0.0) | (p > 1.0))
    if len(outside):
        raise InputError(
            f"p_values[{outside[0]}] is {p[outside[0]]}; expected a number from 0 to 1"
        )
    return p
