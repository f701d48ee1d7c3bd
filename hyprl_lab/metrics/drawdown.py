"""Depth and length of falls from the highest close.

Source: Magdon-Ismail and Atiya (2004), "Maximum Drawdown", Risk 17(10); Young (1991), "Calmar
Ratio: A Smoother Tool", Futures 20(1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.metrics.series import Equity
    from hyprl_lab.types import FloatArray

__all__ = ["calmar", "max_drawdown", "max_drawdown_bars", "max_drawdown_intrabar"]


def max_drawdown(equity: Equity) -> float:
    """Return the deepest fall below the highest close so far, a fraction from 0 to 1.

    The peak starts at `equity.cash`.

    Examples
    --------
    >>> from hyprl_lab.metrics import Equity
    >>> max_drawdown(Equity([100.0, 120.0, 90.0, 130.0], cash=100.0))
    0.25
    """
    return _deepest(equity, equity.values.tolist())


def max_drawdown_intrabar(equity: Equity, worst: FloatArray | Sequence[float]) -> float:
    """Return the deepest fall inside any bar below the highest close before it.

    A bar's own close comes after its worst moment, so it is not yet part of the peak.

    Parameters
    ----------
    equity
        Money at each close.
    worst
        The least equity inside each bar, its close included; one value a bar.

    Raises
    ------
    InputError
        `worst` has another length than `equity`.

    Examples
    --------
    >>> from hyprl_lab.metrics import Equity
    >>> max_drawdown_intrabar(Equity([100.0, 120.0], cash=100.0), [75.0, 120.0])
    0.25
    """
    if len(worst) != len(equity):
        raise InputError(f"worst has {len(worst)} values; expected one a bar, {len(equity)}")
    return _deepest(equity, [float(value) for value in worst])


def max_drawdown_bars(equity: Equity) -> int:
    """Return the longest run of bars that closed below the highest close so far.

    Examples
    --------
    >>> from hyprl_lab.metrics import Equity
    >>> max_drawdown_bars(Equity([100.0, 120.0, 90.0, 110.0, 120.0], cash=100.0))
    2
    """
    peak, run, longest = equity.cash, 0, 0
    for value in equity.values.tolist():
        peak = max(peak, value)
        run = run + 1 if value < peak else 0
        longest = max(longest, run)
    return longest


def calmar(growth: float | None, drawdown: float) -> float | None:
    """Return CAGR ÷ maximum drawdown; `None` where growth is, or without a drawdown.

    Examples
    --------
    >>> calmar(0.1, 0.25)
    0.4
    """
    return None if growth is None or drawdown == 0.0 else growth / drawdown


def _deepest(equity: Equity, low_points: list[float]) -> float:
    peak, deepest = equity.cash, 0.0
    for close, low in zip(equity.values.tolist(), low_points, strict=True):
        deepest = max(deepest, 1.0 - low / peak)
        peak = max(peak, close)
    return min(deepest, 1.0)
