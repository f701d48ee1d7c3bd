import copy
import pickle

import pytest

from hyprl_lab.errors import StrategyError, UnknownAttributeError
from hyprl_lab.strategy import close, weekday


@pytest.mark.parametrize(
    ("ask", "advice"),
    [
        (lambda e: e.rolling(5), r"no attribute 'rolling'; write hl\.ta\.sma"),
        (lambda e: e.pct_change(), r"write x / x\.shift\(1\) - 1"),
        (lambda e: e.cross_above(5), r"did you mean crosses_above\?"),
        (lambda e: e.foo, "it has shift, crosses_above, .*indicators are functions"),
    ],
)
def test_what_is_not_there_is_said_with_what_to_write(ask, advice):
    with pytest.raises(StrategyError, match=advice):
        ask(close)


def test_python_still_may_ask():
    assert not hasattr(close, "rolling")
    assert getattr(close, "rolling", None) is None
    with pytest.raises(AttributeError) as caught:
        close.__array_interface__  # noqa: B018
    assert not isinstance(caught.value, UnknownAttributeError)
    copied, unpickled = copy.deepcopy(close > 5), pickle.loads(pickle.dumps(weekday))
    assert (repr(copied), repr(unpickled)) == ("(close > 5)", "weekday")


def test_every_method_is_among_those_that_are_named():
    with pytest.raises(StrategyError) as caught:
        close.foo  # noqa: B018
    public = {name for name in vars(type(close)) if not name.startswith("_")}
    methods = {name for name in public if callable(vars(type(close))[name])}
    assert all(name in str(caught.value) for name in methods)
