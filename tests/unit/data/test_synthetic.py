from __future__ import annotations

import numpy as np

from hyprl_lab.data.synthetic import splitmix64_uniforms, synthetic_arrays

MASK = 2**64 - 1


def splitmix64(seed: int, count: int) -> list[int]:
    """The published generator in whole Python numbers (Vigna's splitmix64.c)."""
    state, words = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        word = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
        words.append(word ^ (word >> 31))
    return words


def test_uniforms_are_those_of_splitmix64():
    assert splitmix64(1_234_567, 1) == [6_457_827_717_110_365_317]  # the well-known first word
    expected = [(word >> 11) / 2**53 for word in splitmix64(1_234_567, 50)]
    assert splitmix64_uniforms(1_234_567, 50).tolist() == expected


def test_bars_follow_the_docstring():
    _, columns = synthetic_arrays()
    draws = [(word >> 11) / 2**53 for word in splitmix64(20_200_101, 15 * 500)]
    previous = 100.0
    for row in range(500):
        u = draws[15 * row : 15 * row + 15]
        close = previous * (1.0004 + 0.012 * (sum(u[:12]) - 6.0))
        assert abs(columns["close"][row] / close - 1.0) < 1e-13  # another order of addition
        assert abs(columns["open"][row] / previous / (0.998 + 0.004 * u[12]) - 1.0) < 1e-13
        previous = float(columns["close"][row])


def test_days_are_weekdays_and_prices_are_sound():
    ts, columns = synthetic_arrays()
    days = ts.astype("datetime64[us]").astype("datetime64[D]")
    assert str(days[0]) == "2020-01-01"
    assert np.array_equal(days, np.busday_offset("2020-01-01", np.arange(500)))
    assert columns["low"].min() > 0.0
    assert (columns["volume"] == np.floor(columns["volume"])).all()
