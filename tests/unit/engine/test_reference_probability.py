"""A logistic model beside SciPy, and models that are refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from hyprl_lab.engine.reference_probability import Logistic
from hyprl_lab.errors import StrategyError

MODEL: dict[str, Any] = {
    "kind": "logistic",
    "intercept": -0.5,
    "coefficients": [1.5, -2],
    "means": [0.1, 3.0],
    "scales": [2.0, -0.5],
    "trained_until_us": 99,
}


def test_probabilities_are_those_of_scipy() -> None:
    stream = np.random.default_rng(2)
    features = stream.normal(size=(2, 50)) * 3
    model = Logistic.read(MODEL, 2, "node 4 (probability)")
    got = model.probabilities(features.tolist(), list(range(100, 150)))
    z = -0.5 + 1.5 * (features[0] - 0.1) / 2.0 - 2.0 * (features[1] - 3.0) / -0.5
    np.testing.assert_allclose(got, expit(z), rtol=1e-12)


def test_bars_that_open_at_the_end_of_training_have_none() -> None:
    model = Logistic.read(MODEL, 2, "node")
    got = model.probabilities([[0.1] * 4, [3.0] * 4], [98, 99, 100, 101])
    assert [math.isnan(value) for value in got] == [True, True, False, False]
    assert got[2] == 1.0 / (1.0 + math.exp(0.5))


@pytest.mark.parametrize(
    ("feature", "expected"),
    [(-1e5, 0.0), (-1e308, 0.0), (1e5, 1.0), (1e308, 1.0), (math.nan, math.nan)],
)
def test_what_lies_beyond_float64_is_certain(feature: float, expected: float) -> None:
    model = Logistic(0.0, [1e10], [0.0], [1.0], trained_until_us=0)
    np.testing.assert_array_equal(model.probabilities([[feature]], [1]), [expected])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "forest"}, r"node 4 has the model .*; expected one of kind 'logistic'"),
        ({"intercept": None}, "node 4: intercept holds None"),
        ({"intercept": math.inf}, "node 4: intercept holds inf"),
        ({"coefficients": [1.0]}, r"node 4: coefficients is \[1.0\]; expected 2 numbers"),
        ({"means": None}, "node 4: means is None"),
        ({"means": [True, 1.0]}, "node 4: means holds True"),
        ({"scales": [1.0, 0.0]}, "node 4: scales .* none may be 0"),
        ({"scales": [1.0, -0.0]}, "none may be 0"),
        ({"scales": [1.0, math.nan]}, "node 4: scales holds nan"),
        ({"trained_until_us": 1.5}, "node 4: trained_until_us is 1.5"),
        ({"trained_until_us": None}, "trained_until_us is None"),
        ({"trained_until_us": True}, "trained_until_us is True"),
    ],
)
def test_a_malformed_model_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        Logistic.read(MODEL | changes, 2, "node 4")


@pytest.mark.parametrize("model", [None, "logistic", [1.0]])
def test_what_is_no_model_is_refused(model: Any) -> None:
    with pytest.raises(StrategyError, match="expected one of kind 'logistic'"):
        Logistic.read(model, 2, "node 4")


def test_a_model_has_features() -> None:
    with pytest.raises(StrategyError, match="node 4 has no arguments; it takes at least one"):
        Logistic.read(MODEL | {"coefficients": [], "means": [], "scales": []}, 0, "node 4")
