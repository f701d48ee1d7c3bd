"""`TEST`: a small set of made-up bars, the same to the bit on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.timeframe import DAY_US

if TYPE_CHECKING:
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["splitmix64_uniforms", "synthetic_arrays"]

_SEED: Final = 20_200_101
_ROWS: Final = 500
_DRAWS_A_NORMAL: Final = 12
_FIRST_DAY: Final = 18_262  # Wednesday 1 January 2020, in days since the epoch


def splitmix64_uniforms(seed: int, count: int) -> FloatArray:
    """Return `count` uniform numbers in [0, 1) from SplitMix64.

    State i is seed + (i+1)·0x9E3779B97F4A7C15 mod 2⁶⁴, mixed by two xor-shift multiplications;
    the top 53 bits, times 2⁻⁵³. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number
    generators", OOPSLA 2014, with Vigna's public-domain constants.

    Examples
    --------
    >>> int(splitmix64_uniforms(0, 1)[0] * 2**53) == 0xE220A8397B1DCDAF >> 11
    True
    """
    state = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(
        0x9E37_79B9_7F4A_7C15
    )
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58_476D_1CE4_E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D0_49BB_1331_11EB)
    state ^= state >> np.uint64(31)
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def synthetic_arrays() -> tuple[IntArray, dict[str, FloatArray]]:
    """Return times (microseconds UTC) and OHLCV of 500 weekdays from 1 January 2020.

    Each day draws 15 uniforms u0 … u14. With z = u0 + … + u11 less 6, near normal and within ±6:

    - close: the previous close (100 at first) times 1.0004 + 0.012·z;
    - open: the previous close times 0.998 + 0.004·u12;
    - high: the larger of the two times 1 + 0.006·u13;
    - low: the smaller of the two times 1 less 0.006·u14;
    - volume: the whole part of a million times 1 + u13 + u14.

    Only sums and products are used, so no library's rounding enters. Prices stay above zero, for
    no factor is below 0.92.

    Examples
    --------
    >>> ts, columns = synthetic_arrays()
    >>> ts.size, sorted(columns)
    (500, ['close', 'high', 'low', 'open', 'volume'])
    """
    width = _DRAWS_A_NORMAL + 3
    draws = splitmix64_uniforms(_SEED, _ROWS * width).reshape(_ROWS, width)
    opens, highs, lows, closes = np.empty((4, _ROWS))
    previous = 100.0
    for row in range(_ROWS):
        total = -6.0
        for draw in draws[row, :_DRAWS_A_NORMAL]:  # one order of addition, on every machine
            total += float(draw)
        gap, up, down = (float(draw) for draw in draws[row, _DRAWS_A_NORMAL:])
        closes[row] = previous * (1.0004 + 0.012 * total)
        opens[row] = previous * (0.998 + 0.004 * gap)
        highs[row] = max(opens[row], closes[row]) * (1.0 + 0.006 * up)
        lows[row] = min(opens[row], closes[row]) * (1.0 - 0.006 * down)
        previous = float(closes[row])
    volume = np.floor(1e6 * (1.0 + draws[:, -2] + draws[:, -1]))
    days = np.arange(_FIRST_DAY, _FIRST_DAY + 2 * _ROWS, dtype=np.int64)
    weekdays = days[(days + 3) % 7 < 5][:_ROWS]
    columns = {"open": opens, "high": highs, "low": lows, "close": closes, "volume": volume}
    return weekdays * DAY_US, columns
