from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.kelly import classic_kelly, kelly

OUTCOMES = np.array([0.012, -0.01, 0.02, -0.01, -0.01, 0.015, -0.01, 0.03, -0.01, -0.008])


def test_no_fraction_grows_faster() -> None:
    multiples = OUTCOMES / 0.01
    best = kelly(multiples)
    assert best is not None

    def growth(fraction: float) -> float:
        return float(np.log1p(fraction * multiples).mean())

    tried = np.linspace(0.0, 0.9, 2001)
    assert growth(best) >= max(growth(fraction) for fraction in tried)
    assert min(tried, key=lambda f: -growth(f)) == pytest.approx(best, abs=0.9 / 2000)


@given(
    share=st.integers(1, 19),
    odds=st.floats(0.2, 5.0),
    loss=st.floats(0.1, 3.0),
)
def test_both_agree_where_there_are_two_outcomes(share: int, odds: float, loss: float) -> None:
    multiples = [odds * loss] * share + [-loss] * (20 - share)
    classic, exact = classic_kelly(multiples), kelly(multiples)
    assert classic is not None
    assert exact == pytest.approx(max(0.0, classic) / loss, abs=1e-9)


def test_the_classic_one_does_not_know_that_losses_vary() -> None:
    even = [1.0] * 6 + [-1.0] * 4
    wild = [1.0] * 6 + [-0.1, -0.1, -0.1, -3.7]
    assert classic_kelly(wild) == pytest.approx(classic_kelly(even) or 0.0)
    assert (kelly(wild) or 0.0) < (kelly(even) or 0.0)


def test_trades_that_gave_nothing_change_nothing() -> None:
    assert classic_kelly([0.0, *OUTCOMES, 0.0]) == classic_kelly(OUTCOMES)
    assert kelly([0.0, *OUTCOMES, 0.0]) == pytest.approx(kelly(OUTCOMES), rel=1e-12)


def test_undefined_where_nothing_was_lost_or_gained() -> None:
    assert kelly([0.1, 0.2]) is None
    assert classic_kelly([0.1, 0.2]) is None
    assert classic_kelly([-0.1, -0.2]) is None
    assert kelly([-0.1, 0.05]) == 0.0
    assert (classic_kelly([-0.1, 0.05]) or 0.0) < 0.0


@pytest.mark.parametrize("function", [kelly, classic_kelly])
def test_bad_outcomes_are_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(InputError, match="expected at least 1"):
        function([])
    with pytest.raises(InputError, match=r"multiples\[1\] is nan"):
        function([0.1, float("nan")])
