"""How fast a series moves."""

from __future__ import annotations

from hyprl_lab.strategy.expression import Expr, expression

__all__ = ["rsi"]


def rsi(x: Expr | float, window: Expr | int) -> Expr:
    """Return Wilder's relative strength index, 100·up/(up + down), from 0 to 100.

    `up` and `down` are Wilder averages of the rises and falls; where their sum is below
    1e-14 the index is 0, as in TA-Lib's `TA_RSI`. (J. W. Wilder, New Concepts in
    Technical Trading Systems, 1978.)

    Parameters
    ----------
    x
        A number expression. A missing value starts a new seed.
    window
        Bars, a whole number >= 1 or a parameter. The first `window` values are missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> rsi(close, 14) < 30
    (rsi(close, 14) < 30)
    """
    return Expr("rsi", (expression(x), expression(window)))
