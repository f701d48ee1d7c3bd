"""The readable regressions: a straight line through the last values, and one series on another.

In the order of operations of TA-Lib 0.8 (`ta_LINEARREG.c`, `ta_LINEARREG_SLOPE.c`, `ta_CORREL.c`,
`ta_BETA.c`). The sums run, and are taken afresh over the window where they have lost too many
digits, and after 32 windows; a missing value (NaN) restarts them. Correlation and beta sum
distances to an anchor: the first pair, later the window's means.
"""

from __future__ import annotations

import math
from itertools import pairwise

from hyprl_lab.engine.reference_numbers import NOTHING
from hyprl_lab.engine.reference_rolling import PATIENCE, total
from hyprl_lab.engine.reference_stretches import each_stretch

__all__ = ["beta", "correlation", "line_end", "line_slope"]


def line_slope(values: list[float], window: int) -> list[float]:
    """Return the slope of the least-squares line through the last `window` values, a bar.

    Missing for a window of 1.

    Examples
    --------
    >>> line_slope([1.0, 3.0, 2.0, 7.0], 3)
    [nan, nan, 0.5, 2.0]
    """
    if window == 1:
        return [math.nan] * len(values)
    return each_stretch(lambda stretch: [slope for _, slope in _lines(stretch, window)], values)


def line_end(values: list[float], window: int) -> list[float]:
    """Return the newest point of the least-squares line through the last `window` values.

    A window of 1 is the value itself.

    Examples
    --------
    >>> line_end([1.0, 3.0, 2.0, 7.0], 3)
    [nan, nan, 2.5, 6.0]
    """
    if window == 1:
        return list(values)

    def work(stretch: list[float]) -> list[float]:
        return [level + slope * (window - 1) for level, slope in _lines(stretch, window)]

    return each_stretch(work, values)


def correlation(left: list[float], right: list[float], window: int) -> list[float]:
    """Return Pearson's correlation of the last `window` pairs; 0 where either does not vary.

    Examples
    --------
    >>> correlation([1.0, 2.0, 4.0], [3.0, 2.0, 1.0], 2)
    [nan, -1.0, -1.0]
    """
    share = 1.0 / window

    def work(a: list[float], b: list[float]) -> list[float]:
        found = []
        sums = _Sums(a[0], b[0])
        patience = PATIENCE * window
        for t, pair in enumerate(zip(a, b, strict=True)):
            sums.add(*pair)
            if t < window - 1:
                found.append(math.nan)
                continue
            across, along = sums.spreads(share)
            patience -= 1
            worn = sums.uu * 1e-6 > across or sums.vv * 1e-6 > along
            if worn or sums.fell_off(1e6) or patience == 0:
                one, other = a[t - window + 1 : t + 1], b[t - window + 1 : t + 1]
                sums = _Sums(total(one) * share, total(other) * share)
                sums.add_all(one, other)
                across, along = (max(spread, 0.0) for spread in sums.spreads(share))
                patience = PATIENCE * window
            found.append(_cosine(sums, across, along, share))
            sums.drop(a[t - window + 1], b[t - window + 1])
        return found

    return each_stretch(work, left, right)


def beta(left: list[float], right: list[float], window: int) -> list[float]:
    """Return the slope of the right series' one-bar returns on those of the left one.

    Over the last `window` returns; 0 where the left one's do not vary.

    Examples
    --------
    >>> beta([1.0, 2.0, 6.0], [1.0, 3.0, 12.0], 2)
    [nan, nan, 1.0]
    """

    def work(a: list[float], b: list[float]) -> list[float]:
        found = [math.nan]
        xs, ys = _returns(a), _returns(b)
        sums = _Sums(*(returns[0] if returns else math.nan for returns in (xs, ys)))
        patience = PATIENCE * window
        for t, pair in enumerate(zip(xs, ys, strict=True)):
            sums.add(*pair)
            if t < window - 1:
                found.append(math.nan)
                continue
            squares = window * sums.uu
            spread = squares - sums.u * sums.u
            patience -= 1
            if squares * 1e-6 > spread or sums.fell_off(1e3) or patience == 0:
                one, other = xs[t - window + 1 : t + 1], ys[t - window + 1 : t + 1]
                sums = _Sums(total(one) / window, total(other) / window)
                sums.add_all(one, other)
                squares = window * sums.uu
                spread = squares - sums.u * sums.u
                spread = max(spread, 0.0)
                patience = PATIENCE * window
            varies = spread > squares * NOTHING
            found.append((window * sums.uv - sums.u * sums.v) / spread if varies else 0.0)
            sums.drop(xs[t - window + 1], ys[t - window + 1])
        return found

    return each_stretch(work, left, right)


class _Sums:
    """Sums of two series' distances to their anchors, of their squares and of their products."""

    def __init__(self, left: float, right: float) -> None:
        self.left, self.right = left, right
        self.u = self.v = self.uu = self.vv = self.uv = 0.0
        self.dropped = (0.0, 0.0)  # the squares that left last

    def add(self, x: float, y: float) -> None:
        u, v = x - self.left, y - self.right
        self.u, self.v = self.u + u, self.v + v
        self.uu, self.vv, self.uv = self.uu + u * u, self.vv + v * v, self.uv + u * v

    def add_all(self, xs: list[float], ys: list[float]) -> None:
        for x, y in zip(xs, ys, strict=True):
            self.add(x, y)

    def drop(self, x: float, y: float) -> None:
        u, v = x - self.left, y - self.right
        self.u, self.v = self.u - u, self.v - v
        self.uu, self.vv, self.uv = self.uu - u * u, self.vv - v * v, self.uv - u * v
        self.dropped = u * u, v * v

    def fell_off(self, times: float) -> bool:
        """Say whether what left last was so much larger that the rest is mostly rounding."""
        return self.dropped[0] > self.uu * times or self.dropped[1] > self.vv * times

    def spreads(self, share: float) -> tuple[float, float]:
        """Return both sums of squared distances to the mean."""
        return self.uu - self.u * self.u * share, self.vv - self.v * self.v * share


def _cosine(sums: _Sums, across: float, along: float, share: float) -> float:
    varies = across > NOTHING * sums.uu and along > NOTHING * sums.vv
    if not (varies and across * along > 0.0):
        return 0.0
    found = (sums.uv - sums.u * sums.v * share) / math.sqrt(across * along)
    return max(min(found, 1.0), -1.0)


def _lines(values: list[float], window: int) -> list[tuple[float, float]]:
    """Return each window's line: its value at the oldest bar, and its slope.

    Places count back from the newest bar, which has 0; the divisor's sign turns the slope forward.
    """
    n = float(window)
    sx = n * (n - 1.0) * 0.5
    sxx = n * (n - 1.0) * (2.0 * n - 1.0) / 6.0
    divisor = sx * sx - n * sxx
    lines = [(math.nan, math.nan)] * min(window - 1, len(values))
    sy = sxy = size = 0.0
    patience = 0
    for t in range(window - 1, len(values)):
        patience -= 1
        if t >= window:
            oldest = values[t - window]
            size = size - abs(oldest) + abs(values[t])
            sxy = sxy + sy - n * oldest
            sy = sy - oldest + values[t]
        if t < window or patience == 0 or abs(n * values[t - window]) > size * 100.0:
            held = values[t - window + 1 : t + 1]
            sy, size = total(held), total([abs(value) for value in held])
            sxy = total([place * y for place, y in zip(range(window)[::-1], held, strict=True)])
            patience = PATIENCE * window
        slope = (n * sxy - sx * sy) / divisor
        lines.append(((sy - slope * sx) / n, slope))
    return lines


def _returns(prices: list[float]) -> list[float]:
    """Return the one-bar returns, as fractions; 0 after a price of 0."""
    return [0.0 if old == 0.0 else (new - old) / old for old, new in pairwise(prices)]
