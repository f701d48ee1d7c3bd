from __future__ import annotations

import math

import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats import (
    expected_max_sharpe,
    minimum_backtest_length,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)


@pytest.mark.parametrize("sharpe", [0.05, 0.2, 0.6])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_at_the_minimum_length_psr_reaches_the_confidence(sharpe: float, confidence: float) -> None:
    needed = minimum_track_record_length(sharpe, -1.0, 7.0, 0.01, confidence)
    before, after = math.floor(needed), math.ceil(needed)
    assert probabilistic_sharpe_ratio(sharpe, before, -1.0, 7.0, 0.01) <= confidence
    assert probabilistic_sharpe_ratio(sharpe, after, -1.0, 7.0, 0.01) >= confidence


def test_with_an_autocorrelation_it_inverts_the_form_of_2025() -> None:
    needed = minimum_track_record_length(0.1, 0.0, 3.0, autocorrelation=0.3)
    sure = [
        probabilistic_sharpe_ratio(0.1, n, 0.0, 3.0, autocorrelation=0.3)
        for n in (math.floor(needed), math.ceil(needed))
    ]
    assert sure[0] <= 0.95 <= sure[1]


@pytest.mark.parametrize("sharpe", [-0.2, 0.0, 0.1])
def test_no_record_is_long_enough_below_the_benchmark(sharpe: float) -> None:
    assert minimum_track_record_length(sharpe, 0.0, 3.0, 0.1) == math.inf


def test_backtest_length_is_the_square_of_the_ratio() -> None:
    assert minimum_backtest_length(100, 0.5) == pytest.approx(
        4.0 * expected_max_sharpe(100) ** 2, rel=1e-14
    )
    assert minimum_backtest_length(1, 0.5) == 0.0
    assert minimum_backtest_length(10, -1.0) == math.inf


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError, match="confidence"):
        minimum_track_record_length(0.1, 0.0, 3.0, confidence=1.0)
    with pytest.raises(InputError, match="trials"):
        minimum_backtest_length(0, 1.0)
    with pytest.raises(InputError, match="sharpe"):
        minimum_backtest_length(5, float("nan"))
