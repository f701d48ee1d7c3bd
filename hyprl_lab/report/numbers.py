"""Numbers as a reader wants them: percent for fractions, thousands apart, a dash for nothing."""

from __future__ import annotations

import math
from typing import Final

__all__ = ["DASH", "number_text", "value_text"]

DASH: Final = "—"


def value_text(value: float | None, unit: str) -> str:
    """Return a metric's value as text, by its unit of `hyprl_lab.metrics.UNITS`.

    Parameters
    ----------
    value
        `None` and NaN give a dash.
    unit
        `"fraction…"` is shown in percent, `"money"` with two decimals, `"count"` and `"bars"`
        whole, everything else with three decimals.

    Examples
    --------
    >>> value_text(0.1234, "fraction a year"), value_text(1234567.891, "money")
    ('12.34 %', '1,234,567.89')
    >>> value_text(1.23456, "ratio"), value_text(17, "count"), value_text(None, "ratio")
    ('1.235', '17', '—')
    """
    if value is None or math.isnan(value):
        return DASH
    if unit.startswith("fraction"):
        return f"{100 * value:,.2f} %"
    if unit in {"count", "bars"}:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if unit in {"money", "basis points"} else f"{value:,.3f}"


def number_text(value: object, *, digits: int = 6) -> str:
    """Return any plain value as short text.

    Parameters
    ----------
    value
        `None` gives a dash; booleans give `yes` or `no`; whole numbers up to 10^15 stand in full.
    digits
        Significant digits of other numbers.

    Examples
    --------
    >>> number_text(0.30000000000000004), number_text(5031), number_text(True), number_text(None)
    ('0.3', '5,031', 'yes', '—')
    """
    if value is None:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if math.isnan(value):
            return DASH
        if float(value).is_integer() and abs(value) < 1e15:
            return f"{int(value):,}"
        return f"{value:,.{digits}g}"
    return str(value)
