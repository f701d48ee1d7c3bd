"""Permuted bars of any prices: still bars, with the same ends and the same moves."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.research.stats import permute_bars

PRICES = st.floats(1e-2, 1e4)  # so that no order of 30 bars can leave what a float64 holds
SPREAD = st.floats(1.0, 3.0)
BARS = st.lists(st.tuples(PRICES, PRICES, SPREAD, SPREAD), min_size=1, max_size=30)


@given(BARS, st.integers(0, 2**64), st.integers(0, 10_000), st.data())
def test_they_are_bars_with_the_same_ends(
    drawn: list[tuple[float, float, float, float]], seed: int, path: int, data: st.DataObject
) -> None:
    opened, closed, up, down = (np.array(values) for values in zip(*drawn, strict=True))
    bars = {
        "open": opened,
        "high": np.maximum(opened, closed) * up,
        "low": np.minimum(opened, closed) / down,
        "close": closed,
    }
    rows = len(opened)
    start = data.draw(st.integers(0, rows))
    slots = data.draw(st.none() | st.lists(st.integers(0, 3), min_size=rows, max_size=rows))
    made = permute_bars(bars, seed=seed, path=path, start=start, slots=slots)
    kept = max(1, start)
    for name, values in made.items():
        assert np.array_equal(values[:kept], bars[name][:kept])
        assert ((values > 0.0) & np.isfinite(values)).all()
    assert (made["high"] >= np.maximum(made["open"], made["close"])).all()
    assert (made["low"] <= np.minimum(made["open"], made["close"])).all()
    np.testing.assert_allclose(made["close"][-1], closed[-1], rtol=1e-12)
    inner = [np.sort(one["close"][kept:] / one["open"][kept:]) for one in (bars, made)]
    np.testing.assert_allclose(inner[1], inner[0], rtol=1e-12)
    gaps = [np.sort(one["open"][kept:] / one["close"][kept - 1 : -1]) for one in (bars, made)]
    np.testing.assert_allclose(gaps[1], gaps[0], rtol=1e-12)
