"""How often the next bar rose after each signal state, out of sample.

Until a probability model is trained this is the whole model: three coins, one a state. With k of
n bars rising, the probability is (k + 1)/(n + 2), Laplace's rule of succession (Laplace 1814,
"Essai philosophique sur les probabilités"), so no finite sample claims certainty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["STATE_NAMES", "Frequency", "next_bar_frequencies"]

STATE_NAMES: Final[Mapping[int, str]] = {1: "long", 0: "flat", -1: "short"}


@dataclass(frozen=True, slots=True)
class Frequency:
    """The next bar's direction after one signal state.

    Parameters
    ----------
    ups
        Bars whose next close was higher.
    downs
        Bars whose next close was lower. Bars with an unchanged close count for neither.

    Examples
    --------
    >>> Frequency(ups=3, downs=1).up
    0.6666666666666666
    """

    ups: int
    downs: int

    @property
    def n(self) -> int:
        """Bars counted."""
        return self.ups + self.downs

    @property
    def up(self) -> float:
        """Probability that the next close is higher: (ups + 1)/(n + 2)."""
        return (self.ups + 1) / (self.n + 2)

    @property
    def down(self) -> float:
        """1 - up."""
        return 1.0 - self.up


def next_bar_frequencies(
    state: NDArray[np.int8],
    close: FloatArray,
    ts: IntArray,
    *,
    since_us: int,
    until_us: int,
) -> dict[str, Frequency]:
    """Count the next bar's direction by signal state, between two moments.

    Parameters
    ----------
    state
        `SignalStates.state`, one value a bar.
    close, ts
        Of the same bars: prices, and microseconds since the epoch.
    since_us
        The start of the out-of-sample part. A bar counts when it opens at or after it.
    until_us
        The open of the bar that is predicted from. A bar counts when the next one opens at or
        before it, so nothing newer is read; the last bar has no next one and doesn't count.

    Returns
    -------
    dict of str to Frequency
        Under `"long"`, `"flat"` and `"short"`; a state that never was has n = 0.

    Examples
    --------
    >>> found = next_bar_frequencies(
    ...     np.array([1, 1, 0, 1], np.int8), np.array([1.0, 2.0, 1.0, 3.0]), np.arange(4),
    ...     since_us=1, until_us=3)
    >>> found["long"].n, found["flat"].ups
    (1, 1)
    """
    move = np.sign(np.diff(close))
    counted = (ts[:-1] >= since_us) & (ts[1:] <= until_us)
    return {
        name: Frequency(
            ups=int(np.count_nonzero(counted & (state[:-1] == code) & (move > 0))),
            downs=int(np.count_nonzero(counted & (state[:-1] == code) & (move < 0))),
        )
        for code, name in STATE_NAMES.items()
    }
