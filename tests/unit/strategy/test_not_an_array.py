import math

import numpy as np
import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, high

MOVES = close - high


@pytest.mark.parametrize(
    ("ask", "advice"),
    [
        (lambda e: e[-1], r"has no items \(asked for \[-1\]\); write x\.shift\(1\)"),
        (lambda e: e[1:], r"x\.shift\(1\)"),
        (list, "can't be iterated over"),
        (lambda e: [*e], "can't be iterated over"),
        (len, "has no length"),
        (lambda e: 5 in e, "holds no items"),
        (float, "is no number"),
        (int, "is no number"),
        (math.log, r"is no number \(float\(\) or math was asked of it\).*hl\.col"),
        (lambda e: e**2, r"has no powers; write x \* x"),
        (lambda e: 2**e, "can't be an exponent"),
        (lambda e: e // 2, "there is no //"),
        (lambda e: 2 // e, "there is no //"),
        (lambda e: e % 2, "no %"),
        (lambda e: 2 % e, "no %"),
        (lambda e: divmod(e, 2), "no %"),
        (lambda e: divmod(2, e), "no %"),
        (lambda e: (e > 1) ^ (e < 2), r"has no \^; write \(a & ~b\) \| \(~a & b\)"),
        (lambda e: True ^ (e < 2), r"has no \^"),
        (round, "can't be rounded"),
        (lambda e: round(e, 2), "can't be rounded"),
        (lambda e: e(), r"is not called; leave the parentheses out, as in hl\.weekday == 0"),
        (lambda e: e(1, x=2), "is not called"),
        (np.log, r"can't be handed to np\.log; .*hl\.col"),
        (np.sqrt, r"np\.sqrt"),
        (lambda e: np.maximum(e, 0), r"np\.maximum; .*hl\.maximum"),
        (np.add.reduce, r"np\.add"),
        (lambda e: np.where(e > 1, 1, 0), r"np\.where; .*hl\.where"),
        (np.mean, r"np\.mean"),
        (lambda e: np.array([1.0, 2.0]) * e, r"an array of shape \(2,\).*hl\.col"),
        (lambda e: min(e, high), r"hl\.minimum"),
    ],
)
def test_what_an_expression_cannot_do_is_said_with_what_to_do(ask, advice):
    with pytest.raises(StrategyError, match=advice) as caught:
        ask(MOVES)
    assert "…" not in str(caught.value)


def test_the_message_names_the_expression():
    with pytest.raises(StrategyError, match=r"the expression \(close - high\) has no items"):
        MOVES[0]


def test_numpy_operators_are_ours():
    made = np.float64(3) - close
    assert (made.op, made.args[0].value, made.args[1]) == ("subtract", 3.0, close)
    assert np.multiply(close, high).op == "multiply"
    assert np.abs(close).op == "absolute"
    assert np.negative(close).op == "negate"
    assert (np.int64(3) > close).op in {"less", "greater"}
    with pytest.raises(StrategyError, match="finite number"):
        np.float64("nan") * close
