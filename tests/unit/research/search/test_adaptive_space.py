"""What Optuna is asked for: the kind of each parameter, conditions, and what `where` drops."""

from __future__ import annotations

from typing import Any

import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FixedTrial

from hyprl_lab.research.search.adaptive_space import AdaptiveSpace
from hyprl_lab.research.space.axes import choice, floats, ints
from hyprl_lab.research.space.given import read_space
from hyprl_lab.strategy import Strategy, close, constant, param
from hyprl_lab.strategy.builtin import dual_sma


def asked(
    space: dict[str, Any], given: dict[str, Any]
) -> tuple[list[float] | None, dict[str, Any]]:
    """The point of a trial that suggests `given`, and what each suggestion was drawn from."""
    total = constant(0.0)
    for name in space:
        total = total + param(name)
    strategy = Strategy("all of them", long_entry=close > total)
    trial = FixedTrial(given)
    adaptive = AdaptiveSpace(read_space(strategy, space))
    point, lacking = adaptive.point(trial)  # type: ignore[arg-type]
    assert lacking == 0.0
    assert adaptive.suggestions(point) == {name: given[name] for name in trial.distributions}
    return point.tolist(), trial.distributions


@pytest.mark.parametrize(
    ("axis", "suggested", "distribution", "value"),
    [
        (floats(0.5, 2.5), 1.25, FloatDistribution(0.5, 2.5), 1.25),
        (floats(0.5, 2.5, log=True), 1.25, FloatDistribution(0.5, 2.5, log=True), 1.25),
        (floats(0.5, 2.5, step=0.5), 3, IntDistribution(0, 4), 2.0),
        (floats(1, 100, count=3, log=True), 1, IntDistribution(0, 2), 10.0),
        (ints(5, 20), 7, IntDistribution(5, 20), 7.0),
        (ints(5, 21, step=5), 15, IntDistribution(5, 20, step=5), 15.0),
        (ints(1, 1000, log=True), 30, IntDistribution(1, 1000, log=True), 30.0),
        (ints(2, 200, count=5, log=True), 3, IntDistribution(0, 4), 63.0),
        (range(10, 50, 10), 30, IntDistribution(10, 40, step=10), 30.0),
        ([10, 20, 50], 2, IntDistribution(0, 2), 50.0),
        ([9, 7, 1], 1, IntDistribution(0, 2), 7.0),
        (choice([20, 50, 10]), 1, CategoricalDistribution(range(3)), 50.0),
        ([7.5], 0, IntDistribution(0, 0), 7.5),
    ],
)
def test_each_kind_of_axis(
    axis: object, suggested: float, distribution: object, value: float
) -> None:
    point, distributions = asked({"a": axis}, {"a": suggested})
    assert distributions == {"a": distribution}
    assert point == [value]


def test_a_point_stands_in_the_sorted_order_of_the_names() -> None:
    point, _ = asked({"b": [1, 2], "a": [3, 4]}, {"a": 1, "b": 0})
    assert point == [4.0, 1.0]


def test_a_conditional_parameter_is_asked_for_only_where_it_counts() -> None:
    space = {
        "use": choice([0, 1]),
        "stop": floats(1.0, 3.0, when="use > 0", otherwise=9.0),
        "trail": floats(0.5, 0.9, when="stop > 2 and use > 0"),
    }
    given = {"use": 1, "stop": 2.5, "trail": 0.75}
    assert asked(space, given)[0] == [2.5, 0.75, 1.0]
    assert asked(space, {**given, "stop": 1.5})[0] == [1.5, 0.5, 1.0]  # the low of an axis
    point, distributions = asked(space, {**given, "use": 0})
    assert point == [9.0, 0.5, 0.0]
    assert list(distributions) == ["use"]


def test_a_point_that_where_drops_says_what_it_lacks() -> None:
    space = read_space(dual_sma(), {"fast": range(5, 30), "slow": range(10, 40)}, "fast < slow")
    adaptive = AdaptiveSpace(space)
    for fast, slow, lacking in ((5, 20, 0.0), (25, 20, 5 / 25), (20, 20, 1e-12)):
        point, found = adaptive.point(FixedTrial({"fast": fast, "slow": slow}))  # type: ignore[arg-type]
        assert point.tolist() == [fast, slow]
        assert found == lacking
