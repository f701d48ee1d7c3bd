"""Prices on the scale of an adjusted close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.data.checks import OHLCV, PRICES, refuse
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["adjusted_columns"]


def adjusted_columns(
    ts: IntArray, columns: Mapping[str, FloatArray], name: str
) -> dict[str, FloatArray]:
    """Return the columns with prices scaled so that the close is the adjusted close.

    Bar by bar, f = adjusted close ÷ close; open, high and low are multiplied by f, and close
    becomes the adjusted close to the bit. Rounding of close · f can differ from that in the last
    digit, so high and low are then widened to hold the close. Volume and features stay.

    Parameters
    ----------
    ts
        Microseconds since the epoch, UTC.
    columns
        Checked columns.
    name
        The feature that holds adjusted closes.

    Raises
    ------
    BarsError
        There is no such feature, or it is missing, infinite or not above zero in some row.

    Examples
    --------
    >>> prices = dict.fromkeys(("open", "high", "low", "close"), np.array([8.0]))
    >>> result = adjusted_columns(np.array([0]), {**prices, "adj": np.array([2.0])}, "adj")
    >>> float(result["open"][0]), float(result["close"][0])
    (2.0, 2.0)
    """
    if name in OHLCV or name not in columns:
        features = [column for column in columns if column not in OHLCV]
        there = (
            f"expected one of {features}, the one of adjusted closes. Without one"
            if features
            else "these bars have none; expected one of adjusted closes. Without it"
        )
        raise BarsError(
            f"column {name}: found no such feature; {there}, adjust by factors: bars.adjusted("
            "factors=…), the path of a factor file or hl.Factors.from_rows([(date, price_factor, "
            "split_factor), …])"
        )
    target = columns[name]
    bad = ~((target > 0.0) & (target < np.inf))
    refuse(
        bad,
        ts,
        name,
        found=f"{target[int(np.argmax(bad))]}",
        expected="a finite price above zero in every row",
        mend="Cut these rows off, or get adjusted closes for them",
    )
    factor = target / columns["close"]
    scaled = {price: columns[price] * factor for price in PRICES}
    scaled["close"] = target
    scaled["high"] = np.maximum(scaled["high"], target)
    scaled["low"] = np.minimum(scaled["low"], target)
    return {**columns, **scaled}
