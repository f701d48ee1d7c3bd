from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import LogisticModel, close, high, on, probability, ta

DAY = 86_400_000_000
LAST_OF_2015 = 16_801 * DAY - 1
"""2016-01-01 is day 46·365 + 11 of the epoch: 1972 to 2012 hold eleven leap years."""


def model(**changed):
    given = {"features": (close, high), "coefficients": (1, -2), "intercept": 0.5}
    return LogisticModel(**{**given, "trained_until": "2015-12-31", **changed})


def test_a_node_holds_the_features_as_arguments_and_the_rest_as_numbers():
    node = probability(model(means=(50, 0), scales=(10, 1)))
    assert (node.op, node.kind, node.args) == ("probability", "number", (close, high))
    assert node.model.coefficients == (1.0, -2.0)
    assert (node.model.intercept, node.model.means, node.model.scales) == (0.5, (50, 0), (10, 1))
    assert node.model.trained_until_us == LAST_OF_2015


def test_features_are_taken_as_they_are_by_default():
    assert (model().means, model().scales) == ((0.0, 0.0), (1.0, 1.0))


@pytest.mark.parametrize(
    ("until", "microseconds"),
    [
        ("2015-12-31", LAST_OF_2015),
        ("20151231", LAST_OF_2015),
        (date(2015, 12, 31), LAST_OF_2015),
        (np.datetime64("2015-12-31"), LAST_OF_2015),
        (np.datetime64("2015-12"), LAST_OF_2015),
        ("2016-01-01T00:00:00Z", LAST_OF_2015 + 1),
        ("2016-01-01T00:00", LAST_OF_2015 + 1),
        ("2015-12-31T19:00:00-05:00", LAST_OF_2015 + 1),
        (datetime(2016, 1, 1, tzinfo=UTC), LAST_OF_2015 + 1),
        (datetime(2016, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), LAST_OF_2015 + 1),
        (np.datetime64("2016-01-01T00:00:00"), LAST_OF_2015 + 1),
        (pd.Timestamp("2016-01-01", tz="UTC"), LAST_OF_2015 + 1),
        (LAST_OF_2015, LAST_OF_2015),
        (np.int64(7), 7),
    ],
)
def test_the_end_of_training_is_read_and_a_date_is_its_whole_day(until, microseconds):
    assert model(trained_until=until).weights.trained_until_us == microseconds


@pytest.mark.parametrize("until", ["soon", "", None, 1.5, True, np.datetime64("NaT"), [1]])
def test_an_end_that_cannot_be_read_is_refused(until):
    with pytest.raises(StrategyError, match="model: trained_until is"):
        model(trained_until=until)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"features": close}, "expected a list of expressions"),
        ({"features": (close,)}, "found 1 features and a model of 2|one number for each"),
        ({"features": (close, close > 1)}, "argument 2: found the boolean"),
        ({"features": (close, "x")}, "in an expression"),
        ({"coefficients": (1,)}, "one number for each feature"),
        ({"scales": (1, 0)}, "scale 1 is 0"),
        ({"intercept": None}, "model: intercept"),
    ],
)
def test_what_is_no_model_is_refused(changed, message):
    with pytest.raises(StrategyError, match=message):
        model(**changed)


def test_a_model_says_when_its_training_ended():
    with pytest.raises(TypeError, match="trained_until"):
        LogisticModel((close,), (1,), 0)


def test_a_feature_may_come_from_longer_bars_but_a_model_not():
    assert probability(model(features=(close, on("1d", ta.sma(close, 5))))).own_bars
    with pytest.raises(StrategyError, match=r"on\('1d', …\): found probability under it"):
        on("1d", probability(model()))


def test_only_a_model_has_a_probability():
    with pytest.raises(StrategyError, match=r"found 0.5; expected an hl\.LogisticModel"):
        probability(0.5)


def test_a_model_has_at_most_a_thousand_features():
    with pytest.raises(StrategyError, match="found 1,001 features; expected at most 1,000"):
        model(features=(close,) * 1_001, coefficients=(1,) * 1_001)
    most = model(features=(close,) * 1_000, coefficients=(1,) * 1_000)
    assert len(probability(most).args) == 1_000
