"""The readable longer timeframe: bars made of the bars at hand, and what is known of them when.

The bars of a longer timeframe are rows of their own: everything under an `on` node is evaluated
on them, and its value is handed to the bars at hand no earlier than at the close that completes
the longer bar. `docs/strategy-graph.md`, section "A longer timeframe".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.data.longer import LongerBars

__all__ = ["Buckets"]

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Buckets:
    """Which row of the longer timeframe each bar belongs to.

    Parameters
    ----------
    rows
        The bars of each longer bar, oldest first.
    row_of
        The longer bar that each bar belongs to, counted from 0 without gaps.
    closed
        Whether the bar completes its longer bar at its close.

    Examples
    --------
    Three bars to a longer one; the second is still growing.

    >>> buckets = Buckets([[0, 1, 2], [3, 4]], [0, 0, 0, 1, 1], [False, False, True, False, False])
    >>> buckets.merged("high", [1.0, 5.0, 2.0, 3.0, 4.0])
    [5.0, 4.0]
    >>> buckets.handed_down([5.0, 4.0], math.nan)
    [nan, nan, 5.0, 5.0, 5.0]
    """

    rows: list[list[int]]
    row_of: list[int]
    closed: list[bool]

    @classmethod
    def read(cls, timeframe: str, longer: LongerBars, bars: int) -> Buckets:
        """Read the longer bars of a timeframe.

        Raises
        ------
        BarsError
            The arrays are not as long as the bars, the buckets go back, or a bar that is said to
            complete its bucket is followed by another bar of the same one: its value would be
            known before it is over.
        """
        numbers: list[int] = longer.bucket.tolist()
        closed: list[bool] = longer.closed.tolist()
        if not len(numbers) == len(closed) == bars:
            raise BarsError(
                f"the {timeframe} bars are given for {len(numbers)} and {len(closed)} rows; "
                f"there are {bars} bars"
            )
        rows: list[list[int]] = []
        row_of: list[int] = []
        for t, number in enumerate(numbers):
            if t == 0 or number > numbers[t - 1]:
                rows.append([])
            elif number < numbers[t - 1]:
                raise BarsError(
                    f"row {t} is in {timeframe} bar {number}, the row before it in "
                    f"{numbers[t - 1]}; longer bars have to ascend"
                )
            elif closed[t - 1]:
                raise BarsError(
                    f"row {t - 1} is said to complete its {timeframe} bar, and row {t} belongs to "
                    "the same one; only the last row of a longer bar may complete it"
                )
            rows[-1].append(t)
            row_of.append(len(rows) - 1)
        return cls(rows, row_of, closed)

    def merged(self, name: str, values: list[float]) -> list[float]:
        """Return a column of the longer bars.

        The first `open`, the highest `high`, the lowest `low`, the last `close` and the sum of
        `volume`, of the values that are not missing; of any other column the last value, missing
        or not.
        """
        return [_merge(name, [values[t] for t in row]) for row in self.rows]

    def handed_down(self, values: list[Value], missing: Value) -> list[Value]:
        """Return what each bar knows of a series of the longer bars at its close.

        The value of its own longer bar where it completes that, otherwise of the one before;
        `missing` where there is none before.
        """
        known = []
        for row, complete in zip(self.row_of, self.closed, strict=True):
            newest = row if complete else row - 1
            known.append(values[newest] if newest >= 0 else missing)
        return known


def _merge(name: str, values: list[float]) -> float:
    if name not in {"open", "high", "low", "close", "volume"}:
        return values[-1]
    valid = [value for value in values if not math.isnan(value)]
    if not valid:
        return math.nan
    if name == "open":
        return valid[0]
    if name == "high":
        return max(valid)
    if name == "low":
        return min(valid)
    if name == "close":
        return valid[-1]
    total = 0.0
    for value in valid:  # in time order; the built-in sum compensates from Python 3.12 on
        total += value
    return total
