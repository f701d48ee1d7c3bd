"""How widely prices range."""

from __future__ import annotations

from hyprl_lab.strategy.expression import Expr, expression

__all__ = ["atr"]


def atr(window: Expr | int) -> Expr:
    """Return the average true range of the bars, in price.

    The true range is max(high - low, |high - previous close|, |low - previous close|);
    its first average is a simple one, then Wilder's, as in TA-Lib's `TA_ATR`. (J. W.
    Wilder, New Concepts in Technical Trading Systems, 1978.)

    Parameters
    ----------
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing.

    Raises
    ------
    StrategyError
        `window` is no window.

    Examples
    --------
    >>> atr(14)
    atr(14)
    """
    return Expr("atr", (expression(window),))
