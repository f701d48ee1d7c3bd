from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats import wilson_interval


def test_agrees_with_scipy() -> None:
    """scipy `binomtest(3, 40).proportion_ci(method="wilson")`, called here."""
    from scipy.stats import binomtest

    for successes, n in ((0, 10), (3, 40), (500, 10_000), (7, 7)):
        expected = binomtest(successes, n).proportion_ci(0.95, method="wilson")
        found = wilson_interval(successes, n)
        assert found.low == pytest.approx(expected.low, abs=1e-12)
        assert found.high == pytest.approx(expected.high, abs=1e-12)


@given(st.integers(1, 10**6), st.floats(0.0, 1.0), st.floats(0.5, 0.999))
def test_holds_the_share_and_stays_a_probability(n: int, share: float, confidence: float) -> None:
    successes = round(share * n)
    low, high = wilson_interval(successes, n, confidence)
    assert 0.0 <= low <= successes / n + 1e-12
    assert successes / n - 1e-12 <= high <= 1.0 + 1e-12


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5), (0, 0), (1.5, 5)])
def test_refuses_impossible_counts(successes: int, n: int) -> None:
    with pytest.raises(InputError):
        wilson_interval(successes, n)
