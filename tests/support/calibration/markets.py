"""Made-up daily bars: random walks, and random walks that drift up or down for weeks on end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data import Bars

if TYPE_CHECKING:
    from hyprl_lab.types import FloatArray

__all__ = ["DAYS_A_YEAR", "VOLATILITY", "drifting_bars", "hidden_drift"]

DAYS_A_YEAR: Final = 260
"""Of the calendar `24/5`: every weekday."""

VOLATILITY: Final = 0.01
"""Standard deviation of a day's log return, without the drift."""

_DAY_US: Final = 86_400_000_000
_FIRST_MONDAY: Final = 4
"""5 January 1970, in days since the epoch."""

_STEPS: Final = 8
"""Of a day's path between open and close; its extremes are the bar's high and low."""

_GAP_SHARE: Final = 0.1
"""Of a day's variance that falls between the close before and the open."""


def hidden_drift(days: int, *, length: float, draws: np.random.Generator) -> FloatArray:
    """Return the side of a drift, +1 or -1, on each day.

    The side changes with probability 1 / `length` each day, so a stretch is geometric in length,
    and the first side is as likely up as down: no side is better in the long run.

    Parameters
    ----------
    days
        How many.
    length
        Mean days of a stretch.
    draws
        Where randomness comes from.
    """
    turns = draws.random(days) < 1.0 / length
    turns[0] = draws.random() < 0.5
    return np.where(np.cumsum(turns) % 2 == 0, 1.0, -1.0)


def drifting_bars(seed: tuple[int, ...], *, years: int, drift: float, length: float) -> Bars:
    """Return weekdays of a price whose logarithm is a random walk with a hidden drift.

    A day's log return is `VOLATILITY` times (side · drift + a standard normal number). The normal
    number is the sum of a gap and of the steps of a path within the day.

    Parameters
    ----------
    seed
        Of the random numbers: one stream for each tuple, whatever else is drawn.
    years
        Of `DAYS_A_YEAR` bars.
    drift
        Mean of a day's log return in units of its deviation; 0 for a pure random walk.
    length
        Mean days for which the drift keeps its side.
    """
    draws = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
    days = years * DAYS_A_YEAR
    side = hidden_drift(days, length=length, draws=draws)
    gap = draws.standard_normal(days) * np.sqrt(_GAP_SHARE)
    steps = draws.standard_normal((days, _STEPS)) * np.sqrt((1.0 - _GAP_SHARE) / _STEPS)
    steps += (side * drift / _STEPS)[:, None]
    path = np.cumsum(steps, axis=1)
    before = np.concatenate(([0.0], np.cumsum(gap + path[:, -1])[:-1]))
    opened = before + gap
    log_prices = {
        "open": opened,
        "high": opened + np.maximum(path.max(axis=1), 0.0),
        "low": opened + np.minimum(path.min(axis=1), 0.0),
        "close": opened + path[:, -1],
    }
    columns = {name: 100.0 * np.exp(VOLATILITY * logs) for name, logs in log_prices.items()}
    # Rounding of the exponential is monotonic, so high and low hold open and close.
    weeks, weekdays = np.divmod(np.arange(days), 5)
    ts = (_FIRST_MONDAY + 7 * weeks + weekdays) * _DAY_US
    name = "WALK" if drift == 0.0 else "DRIFT"
    return Bars(name, "1d", "24/5", ts, columns)
