from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.robustness import (
    neighbourhood_part,
    ratio_part,
    robustness_score,
    time_part,
)

PART = st.floats(-3.0, 3.0)


@given(n=PART, w=PART, c=PART, t=PART)
def test_the_geometric_mean_of_the_clipped_parts(n: float, w: float, c: float, t: float) -> None:
    found = robustness_score(n, w, c, t, sharpe=0.1)
    product = 1.0
    for part in (n, w, c, t):
        product *= 0.0 if part < 0 else min(part, 1.0)
    assert found.score == pytest.approx(100.0 * product**0.25, rel=1e-12)
    assert 0.0 <= found.score <= 100.0


def test_the_parts_are_kept() -> None:
    found = robustness_score(0.9, 2.0, -0.5, 0.25)
    assert (found.neighbourhood, found.walk_forward, found.costs, found.time) == (0.9, 1, 0, 0.25)
    assert found.score == 0.0
    assert robustness_score(1, 1, 1, 1).score == 100.0
    assert robustness_score(0.5, 0.5, 0.5, 0.5).score == pytest.approx(50.0)


@pytest.mark.parametrize("sharpe", [0.0, -1.0])
def test_a_base_without_a_positive_sharpe_ratio_scores_nothing(sharpe: float) -> None:
    assert robustness_score(1.0, 1.0, 1.0, 1.0, sharpe=sharpe).score == 0.0


def test_neighbours_by_their_lower_quartile() -> None:
    assert neighbourhood_part([0.6, 0.2, 0.8, 0.4, 1.0], 1.0) == pytest.approx(0.4)
    assert neighbourhood_part([0.6, 0.2, 0.8, 0.4, 1.0], 1.0, on_edge=True) == pytest.approx(0.2)
    assert neighbourhood_part([5.0, 6.0], 1.0, on_edge=True) == 0.5  # clipped, then halved
    assert neighbourhood_part([-1.0, -0.5], -2.0) == 0.0
    assert neighbourhood_part([0.3], 0.6) == 0.5


def test_ratios_of_two_losses_are_no_success() -> None:
    assert ratio_part(-1.0, -2.0) == 0.0
    assert ratio_part(1.0, 0.0) == 0.0
    assert ratio_part(-1.0, 2.0) == 0.0
    assert ratio_part(3.0, 2.0) == 1.0


def test_blocks_in_profit() -> None:
    assert time_part([1.0] * 8) == 1.0
    assert time_part([1.0] * 7 + [-1.0]) == 0.75
    assert time_part([1.0] * 4 + [-1.0] * 4) == 0.0
    assert time_part([1.0] + [-1.0] * 7) == 0.0
    assert time_part([1.0, 1.0, 1.0, 0.0]) == 0.5  # nothing is no profit


def test_bad_numbers_are_refused() -> None:
    nan = float("nan")
    with pytest.raises(InputError, match="costs is nan"):
        robustness_score(1.0, 1.0, nan, 1.0)
    with pytest.raises(InputError, match="sharpe is nan"):
        robustness_score(1.0, 1.0, 1.0, 1.0, sharpe=nan)
    with pytest.raises(InputError, match="neighbours has 0 values"):
        neighbourhood_part([], 1.0)
    with pytest.raises(InputError, match=r"neighbours\[0\] is nan"):
        neighbourhood_part([nan], 1.0)
    with pytest.raises(InputError, match="profits has 1 values; expected at least 2"):
        time_part([1.0])
    with pytest.raises(InputError, match="base is inf"):
        ratio_part(1.0, float("inf"))
