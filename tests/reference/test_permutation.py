"""Bar permutation against reference values of its definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.research.stats import permute_bars

if TYPE_CHECKING:
    import pandas as pd

RELATIVE = 1e-14  # eight bars: sixteen products


def test_the_first_bars_of_goog(goog: pd.DataFrame) -> None:
    """Masters (2020) on the first 8 bars of GOOG (backtesting 0.6.6), permutations given.

    The values are those of the definition in logarithms: bar 1, the last open, the last close.
    """
    made = permute_bars(
        {name: goog[name].to_numpy()[:8] for name in ("open", "high", "low", "close")},
        inner=[4, 0, 6, 2, 5, 1, 3],
        gap=[2, 6, 1, 0, 4, 3, 5],
    )
    first = {
        "open": 102.02761974405847,
        "high": 104.94408338609921,
        "low": 101.74569492532791,
        "close": 104.90519720420536,
    }
    for name, expected in first.items():
        assert made[name][0] == goog[name].iloc[0]
        assert made[name][1] == pytest.approx(expected, rel=RELATIVE)
    assert made["open"][-1] == pytest.approx(101.0091471698113, rel=RELATIVE)
    assert made["close"][-1] == pytest.approx(102.01, rel=RELATIVE)
    assert goog["close"].iloc[7] == 102.01
