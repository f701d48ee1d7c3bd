"""Bars with others in place of the later ones, as many: a look ahead can't tell by the length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.data.bars import Bars

if TYPE_CHECKING:
    from hyprl_lab.types import FloatArray

__all__ = ["altered"]

_FLAGS = (0.0, 1.0)


def altered(bars: Bars, first: int, *, rising: bool, seed: int = 0) -> Bars:
    """Return the bars with other prices and volumes from a row on.

    Each bar is scaled by a random factor of its own, so highs stay highs; features are scaled too,
    unless they hold nothing but 0, 1 and missing values.

    Parameters
    ----------
    bars
        Left as they are.
    first
        The first row that is changed.
    rising
        Factors from 1.05 to 2, so that the first changed bar jumps up; else from 0.5 to 0.95.
    seed
        Of the factors.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> bars = load_bars("TEST")
    >>> other = altered(bars, 400, rising=True)
    >>> np.flatnonzero(other.close != bars.close)[0], len(other)
    (np.int64(400), 500)
    """
    factors = np.ones(len(bars))
    low, high = (1.05, 2.0) if rising else (0.5, 0.95)
    factors[first:] = np.random.default_rng(seed).uniform(low, high, len(bars) - first)

    def scaled(values: FloatArray) -> FloatArray:
        if bool((np.isin(values, _FLAGS) | np.isnan(values)).all()):
            return values
        product: FloatArray = values * factors
        return product

    return Bars(
        bars.symbol,
        bars.timeframe,
        bars.calendar,
        bars.ts,
        {name: scaled(values) for name, values in bars.columns.items()},
        bars.calendar_inferred,
        bars.lineage.then("altered", first=first),
    )
