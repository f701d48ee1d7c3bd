"""An interval for a probability that was counted (Wilson 1927)."""

from __future__ import annotations

import math
from typing import NamedTuple

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.checks import open_share, whole
from hyprl_lab.research.stats.normal import normal_quantile

__all__ = ["Interval", "wilson_interval"]


class Interval(NamedTuple):
    """A closed interval.

    Examples
    --------
    >>> Interval(0.1, 0.2).high
    0.2
    """

    low: float
    high: float


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Return the score interval of Wilson (1927) for a share of `successes` among `n`.

    (p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n). It stays inside [0, 1] and is honest for
    shares near the ends, where p ± z·√(p(1-p)/n) is not.

    Parameters
    ----------
    successes
        0 to `n`.
    n
        Tries, at least 1.
    confidence
        Two-sided, between 0 and 1.

    Raises
    ------
    InputError
        A count is not whole or out of range.

    Examples
    --------
    >>> [round(bound, 4) for bound in wilson_interval(8, 10)]
    [0.4902, 0.9433]
    """
    tries = whole("n", n, least=1)
    hits = whole("successes", successes, least=0)
    if hits > tries:
        raise InputError(f"successes is {hits} of n={tries}; expected at most {tries}")
    z = normal_quantile(0.5 + 0.5 * open_share("confidence", confidence))
    share, weight = hits / tries, z * z / tries
    middle = share + weight / 2.0
    half = z * math.sqrt(share * (1.0 - share) / tries + weight / (4.0 * tries))
    low, high = (middle - half) / (1.0 + weight), (middle + half) / (1.0 + weight)
    return Interval(0.0 if hits == 0 else low, 1.0 if hits == tries else high)
