"""How much of one's wealth to risk on a trade, from what past trades gave.

Source: Kelly, "A new interpretation of information rate" (1956); Thorp, "The Kelly criterion in
blackjack, sports betting and the stock market" (2006).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.metrics import kelly as log_optimal
from hyprl_lab.research.stats.arrays import series

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["classic_kelly", "kelly"]


def kelly(multiples: ArrayLike) -> float | None:
    """Return the log-optimal fraction of wealth to risk on each trade, at least 0.

    The f ≥ 0 that maximises the mean of ln(1 + f·R), computed by `hyprl_lab.metrics.kelly`.

    Parameters
    ----------
    multiples
        Shape (n,): R of each trade, P&L over what was risked; or returns, and then f is the
        multiple of wealth to hold. Scaling by c scales the answer by 1/c.

    Returns
    -------
    float | None
        0 where the mean is not above 0; `None` where no trade lost: no fraction is too large.

    Raises
    ------
    InputError
        There is no outcome, or one is NaN or infinite.

    Examples
    --------
    >>> round(kelly([1.0, 1.0, -1.0]), 9)
    0.333333333
    """
    return log_optimal(series("multiples", multiples, least=1))


def classic_kelly(multiples: ArrayLike) -> float | None:
    """Return W - (1 - W)/b: the fraction that knows only how often and how much one wins.

    W is the share of gains among the trades that gained or lost, b the mean gain over the mean
    loss. It equals `kelly` in units of the mean loss where there are two outcomes only, and is
    too large where losses vary.

    Parameters
    ----------
    multiples
        Shape (n,): R of each trade, or returns; the answer does not depend on their scale.

    Returns
    -------
    float | None
        Negative where the edge is; `None` without a gain or without a loss.

    Raises
    ------
    InputError
        There is no outcome, or one is NaN or infinite.

    Examples
    --------
    >>> round(classic_kelly([1.0, 1.0, -1.0]), 9)
    0.333333333
    """
    outcomes = series("multiples", multiples, least=1)
    gains, losses = outcomes[outcomes > 0.0], -outcomes[outcomes < 0.0]
    if not len(gains) or not len(losses):
        return None
    share = len(gains) / (len(gains) + len(losses))
    return float(share - (1.0 - share) * losses.mean() / gains.mean())
