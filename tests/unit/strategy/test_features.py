import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, high, param, ta
from hyprl_lab.strategy.features import Features


def test_equal_parts_stand_once_and_the_order_is_kept():
    mean = ta.sma(close, param("n", 2, 50))
    features = Features({"z": mean, "above": close > mean, "again": mean, "two": 2})
    assert list(features.expressions) == ["z", "above", "again", "two"]
    assert features.nodes[0] == features.nodes[2]
    assert [node.op for node in features.graph.nodes].count("sma") == 1
    assert features.kinds == {"z": "number", "above": "boolean", "again": "number", "two": "number"}
    document = features.to_json()
    assert document["outputs"] == dict.fromkeys(
        ("long_entry", "long_exit", "short_entry", "short_exit")
    )
    assert document["parameters"] == {"n": {"low": 2, "high": 50, "integer": True}}


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({}, "features are a dict of 0"),
        (None, "features are None"),
        ([close], "features are a list of 1"),
        ({"ts": close}, "feature 'ts': expected a name in snake case"),
        ({"Close": close}, "feature 'Close'"),
        ({"a b": close}, "feature 'a b'"),
        ({"1st": close}, "feature '1st'"),
        ({3: close}, "feature 3"),
        ({"x": "close"}, "feature 'x': found 'close'"),
        ({"x": ta.macd(close)}, r"feature 'x': Macd has several lines; take one: \.line"),
        ({"a": param("n", 1, 5) + close, "b": param("n", 1, 6) + high}, "declared twice"),
    ],
)
def test_what_is_no_feature_is_named(found, message):
    with pytest.raises(StrategyError, match=message):
        Features(found)


def test_parameters_are_all_given_and_in_range():
    features = Features({"x": ta.quantile(close, param("n", 2, 50), param("q"))})
    assert features.bind({"q": 0.5, "n": 9}) == {"n": 9.0, "q": 0.5}
    for params, message in [
        (None, r"missing \['n', 'q'\], unknown \[\]"),
        ({"n": 3, "q": 0.5, "m": 1}, r"unknown \['m'\]"),
        ({"n": 99, "q": 0.5}, "'n'"),
        ({"n": 3, "q": 2}, "'q' is 2"),
    ]:
        with pytest.raises(StrategyError, match=message):
            features.bind(params)
