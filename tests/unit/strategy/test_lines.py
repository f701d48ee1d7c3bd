import copy
import pickle

import numpy as np
import pytest

from hyprl_lab.errors import StrategyError, UnknownAttributeError
from hyprl_lab.strategy import Strategy, close, ta, where

MADE = ta.macd(close)


@pytest.mark.parametrize(
    "use",
    [
        lambda: MADE + 1,
        lambda: 1 - MADE,
        lambda: MADE * MADE,
        lambda: close / MADE,
        lambda: -MADE,
        lambda: abs(MADE),
        lambda: MADE > 0,
        lambda: close <= MADE,
        lambda: MADE == MADE,
        lambda: MADE != 1,
        lambda: MADE & (close > 1),
        lambda: (close > 1) | MADE,
        lambda: ~MADE,
        lambda: bool(MADE),
        lambda: float(MADE),
        lambda: len(MADE),
        lambda: list(MADE),
        lambda: MADE[0],
        lambda: 1 in MADE,
        MADE,
        lambda: np.float64(2) * MADE,
        lambda: np.float64(2) < MADE,
        lambda: MADE**2,
        lambda: ta.sma(MADE, 5),
        lambda: where(close > 1, MADE, 0),
        lambda: close.crosses_above(MADE),
    ],
)
def test_the_whole_is_refused_and_the_lines_are_named(use):
    with pytest.raises(
        StrategyError, match=r"Macd has several lines; take one: \.line, \.signal, \.histogram$"
    ):
        use()


def test_what_the_whole_does_not_have_is_asked_of_a_line():
    with pytest.raises(UnknownAttributeError, match=r"no attribute 'shift'; take one: \.k, \.d$"):
        ta.stoch().shift(1)
    assert not hasattr(MADE, "crosses_above")


def test_as_an_entry_it_is_no_condition():
    with pytest.raises(StrategyError, match="expected a condition"):
        Strategy("x", long_entry=MADE)


def test_it_is_a_value_like_any_other():
    assert len({MADE, ta.macd(close)}) == 2
    assert repr(ta.stoch(2, 1, 1)).startswith("Stochastic(k=sma(")
    assert repr(copy.copy(MADE)) == repr(pickle.loads(pickle.dumps(MADE))) == repr(MADE)
    with pytest.raises(AttributeError):
        MADE.line = close
