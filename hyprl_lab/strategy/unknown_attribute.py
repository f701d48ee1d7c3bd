"""What is asked of an expression that it does not have, and what to write instead."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import UnknownAttributeError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["unknown_attribute"]

_ADVICE: Final[Mapping[str, str]] = {
    "rolling": "write hl.ta.sma(x, 20), hl.ta.highest, hl.ta.lowest, hl.ta.sum, hl.ta.stdev, …",
    "ewm": "write hl.ta.ema(x, 20)",
    "mean": "write hl.ta.sma(x, 20): the mean of the last 20 bars",
    "median": "write hl.ta.median(x, 20): of the last 20 bars",
    "quantile": "write hl.ta.quantile(x, 20, 0.9): of the last 20 bars",
    "rank": "write hl.ta.rank(x, 20): among the last 20 bars",
    "std": "write hl.ta.stdev(x, 20): over the last 20 bars",
    "var": "write hl.ta.variance(x, 20): over the last 20 bars",
    "corr": "write hl.ta.correl(x, y, 20): over the last 20 bars",
    "sum": "write hl.ta.sum(x, 20): of the last 20 bars",
    "cumsum": "write hl.ta.cumulative_sum(x)",
    "max": "write hl.ta.highest(x, 20), or hl.maximum(x, y) of two",
    "min": "write hl.ta.lowest(x, 20), or hl.minimum(x, y) of two",
    "diff": "write x - x.shift(1), or hl.ta.mom(x, n)",
    "pct_change": "write x / x.shift(1) - 1, or hl.ta.rocp(x, n)",
    "iloc": "write x.shift(1) for the value a bar before",
    "loc": "write x.shift(1) for the value a bar before",
    "values": "there are none before the strategy meets bars",
    "between": "write (x >= low) & (x <= high)",
    "abs": "write abs(x)",
    "where": "write hl.where(condition, x, y)",
    "crossover": "write x.crosses_above(y)",
    "crossunder": "write x.crosses_below(y)",
}


def unknown_attribute(name: str, known: list[str]) -> UnknownAttributeError:
    """Return the error for an attribute that an expression does not have.

    It is an `AttributeError` too, so that `hasattr` is false.

    Parameters
    ----------
    name
        What was asked for.
    known
        What an expression has.

    Examples
    --------
    >>> print(unknown_attribute("cross_above", ["shift", "crosses_above"]))
    an expression has no attribute 'cross_above'; did you mean crosses_above?
    """
    close = difflib.get_close_matches(name, known, n=1)
    if name in _ADVICE:
        mend = _ADVICE[name]
    elif close:
        mend = f"did you mean {close[0]}?"
    else:
        mend = f"it has {', '.join(known)}; indicators are functions, as in hl.ta.sma(x, 20)"
    return UnknownAttributeError(f"an expression has no attribute {name[:40]!r}; {mend}")
