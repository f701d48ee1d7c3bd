"""Differences between averages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.expression import Expr, expression
from hyprl_lab.strategy.lines import Lines
from hyprl_lab.strategy.selection import where
from hyprl_lab.strategy.ta.by_length import shorter_first
from hyprl_lab.strategy.ta.momentum import roc
from hyprl_lab.strategy.ta.trend import ema, sma
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Macd", "apo", "macd", "ppo", "trix"]

Average: TypeAlias = Literal["sma", "ema"]

_AVERAGES: Final[Mapping[str, Callable[[Expr | float, Expr | int], Expr]]] = {
    "sma": sma,
    "ema": ema,
}


@dataclass(frozen=True, eq=False, slots=True)
class Macd(Lines):
    """The lines of `macd`, in the unit of x: `line`, its average `signal`, and `histogram`."""

    line: Expr
    signal: Expr
    histogram: Expr


def macd(
    x: Expr | float, fast: Expr | int = 12, slow: Expr | int = 26, signal: Expr | int = 9
) -> Macd:
    """Return moving average convergence/divergence: ema(fast) - ema(slow), and its average.

    Both averages have their first value on one bar, as in TA-Lib's `TA_MACD`; `signal` is
    ema(line, signal), `histogram` is line - signal. (G. Appel, 1979.)

    Parameters
    ----------
    x
        A number expression, in any unit. A missing value starts a new seed.
    fast, slow
        Bars, whole numbers >= 1 or parameters; they change places where `slow` is shorter.
        The first max(fast, slow) - 1 values of `line` are missing.
    signal
        Bars likewise; `signal` and `histogram` begin signal - 1 bars after `line`.

    Raises
    ------
    StrategyError
        `x` is a condition, or one of the others is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> made = macd(close)
    >>> made.line.crosses_above(made.signal)
    crosses_above(macd(close, 12, 26), ema(macd(close, 12, 26), 9))
    """
    line = Expr("macd", (expression(x), expression(fast), expression(slow)))
    average = ema(line, signal)
    return Macd(line=line, signal=average, histogram=line - average)


def apo(
    x: Expr | float, fast: Expr | int = 12, slow: Expr | int = 26, average: Average = "sma"
) -> Expr:
    """Return the absolute price oscillator: the shorter average less the longer one.

    TA-Lib's `TA_APO`; exponential averages are seeded each on its own, other than in `macd`.

    Parameters
    ----------
    x
        A number expression, in any unit; the oscillator has the same. A missing value starts
        a new window.
    fast, slow
        Bars, whole numbers >= 1 or parameters. The first max(fast, slow) - 1 values are missing.
    average
        `"sma"` or `"ema"`.

    Raises
    ------
    StrategyError
        `x` is a condition, `fast` or `slow` no window, or there is no such `average`.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> apo(close, 12, 26, "ema")
    (ema(close, 12) - ema(close, 26))
    """
    shorter, longer = _averages(x, fast, slow, average)
    return shorter - longer


def ppo(
    x: Expr | float, fast: Expr | int = 12, slow: Expr | int = 26, average: Average = "sma"
) -> Expr:
    """Return the percentage price oscillator, 100·(shorter - longer average)/longer average.

    TA-Lib's `TA_PPO`: 0 where the longer average is within 1e-14 of 0.

    Parameters
    ----------
    x
        A number expression, in any unit. A missing value starts a new window.
    fast, slow
        Bars, whole numbers >= 1 or parameters. The first max(fast, slow) - 1 values are missing.
    average
        `"sma"` or `"ema"`.

    Raises
    ------
    StrategyError
        `x` is a condition, `fast` or `slow` no window, or there is no such `average`.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> (ppo(close, 10, 20) > 0).kind
    'boolean'
    """
    shorter, longer = _averages(x, fast, slow, average)
    return where(abs(longer) < 1e-14, 0, (shorter - longer) / longer * 100)


def trix(x: Expr | float, window: Expr | int = 30) -> Expr:
    """Return TRIX: the percentage by which a triple exponential average grows in a bar.

    TA-Lib's `TA_TRIX`: 0 where the average before is 0. (J. Hutson, 1983.)

    Parameters
    ----------
    x
        A number expression, in any unit. A missing value starts a new seed.
    window
        Bars, a whole number >= 1 or a parameter. The first `3·window - 2` values are missing.

    Raises
    ------
    StrategyError
        `x` is a condition, or `window` is no window.

    Examples
    --------
    >>> from hyprl_lab.strategy import close
    >>> trix(close, 15).crosses_above(0).kind
    'boolean'
    """
    return roc(ema(ema(ema(x, window), window), window), 1)


def _averages(
    x: Expr | float, fast: Expr | int, slow: Expr | int, average: str
) -> tuple[Expr, Expr]:
    if average not in _AVERAGES:
        raise StrategyError(f"average is {shown(average)}; expected one of {list(_AVERAGES)}")
    return shorter_first(lambda window: _AVERAGES[average](x, window), fast, slow)
