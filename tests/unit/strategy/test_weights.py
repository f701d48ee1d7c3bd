import math

import numpy as np
import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.weights import LogisticWeights

GOOD = {
    "intercept": 0.5,
    "coefficients": [1.5, -2],
    "means": [0, 50],
    "scales": [1, 10],
    "trained_until_us": 5,
}


def test_numbers_become_floats_and_are_written_as_json_has_them():
    made = LogisticWeights(**{**GOOD, "coefficients": np.array([1.5, -2.0])})
    assert made == LogisticWeights(**GOOD)
    assert hash(made) == hash(LogisticWeights(**GOOD))
    assert made.means == (0.0, 50.0)
    assert made.to_json() == {"kind": "logistic", **GOOD}
    assert all(type(x) is int for x in made.to_json()["scales"])
    assert LogisticWeights.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("intercept", math.inf, "model: intercept"),
        ("coefficients", [1.5], "one number for each feature"),
        ("coefficients", {1, 2}, "coefficients is a set"),
        ("coefficients", np.ones((2, 1)), "coefficients is"),
        ("means", [1, math.nan], "means, number 1"),
        ("scales", [1, 0], "scale 1 is 0"),
        ("trained_until_us", 0.5, "whole microseconds"),
        ("trained_until_us", np.True_, "whole microseconds"),
        ("trained_until_us", 2**53, "within 2"),
    ],
)
def test_what_is_no_model_is_refused(key, value, message):
    with pytest.raises(StrategyError, match=message):
        LogisticWeights(**{**GOOD, key: value})


def test_a_model_has_a_feature():
    with pytest.raises(StrategyError, match="one number for each feature"):
        LogisticWeights(0.0, [], [], [], 0)


@pytest.mark.parametrize("found", [None, [], "logistic", {}, {**GOOD}, {**GOOD, "kind": 1}])
def test_only_a_whole_object_is_read(found):
    with pytest.raises(StrategyError, match="model"):
        LogisticWeights.from_json(found)


def test_a_model_has_at_most_a_thousand_features():
    made = LogisticWeights(0.0, [1.0] * 1_000, [0.0] * 1_000, [1.0] * 1_000, 0)
    assert LogisticWeights.from_json(made.to_json()) == made
    for key in ("coefficients", "means", "scales"):
        with pytest.raises(StrategyError, match=rf"{key}: found 1,001 .* at most 1,000 features"):
            LogisticWeights(**{**GOOD, key: [1.0] * 1_001})
