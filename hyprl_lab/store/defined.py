"""Metrics as JSON numbers, undefined ones null."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hyprl_lab.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = ["defined"]


def defined(metrics: Mapping[str, float | None]) -> dict[str, JsonValue]:
    """Return metrics as JSON numbers: NaN, which means undefined, becomes null.

    Raises
    ------
    InputError
        A metric is infinite; undefined is `None` or NaN.

    Examples
    --------
    >>> defined({"sharpe": 1.5, "calmar": float("nan"), "sortino": None})
    {'sharpe': 1.5, 'calmar': None, 'sortino': None}
    """
    found: dict[str, JsonValue] = {}
    for name, value in metrics.items():
        if value is not None and math.isinf(value):
            raise InputError(f"metric {name} is {value}; expected a number, NaN or None")
        found[name] = None if value is None or math.isnan(value) else float(value)
    return found
