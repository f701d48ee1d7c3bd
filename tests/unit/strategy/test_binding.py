import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import Strategy, close, param, ta
from hyprl_lab.strategy.binding import bound_values
from hyprl_lab.strategy.features import Features

MEAN = ta.sma(close, param("n", 2, 50))


def test_strategies_and_features_bind_by_one_rule():
    strategy, features = Strategy("x", long_entry=close > MEAN), Features({"x": MEAN})
    assert strategy.bind({"n": 9}) == features.bind({"n": 9}) == {"n": 9.0}
    for params in ({}, {"n": 9, "m": 1}, {"n": 99}, {"n": 2.5}, [9]):
        said = set()
        for found, whose in ((strategy, "'x'"), (features, "the features")):
            with pytest.raises(StrategyError) as caught:
                found.bind(params)
            said.add(str(caught.value).replace(f"parameters of {whose}", "parameters"))
        assert len(said) == 1


def test_whose_parameters_they_are_is_told():
    with pytest.raises(StrategyError, match=r"parameters of the model: missing \['n'\]"):
        bound_values(Features({"x": MEAN}).graph, None, "the model")
