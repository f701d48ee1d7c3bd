"""Why nothing is ranked, in numbers and in words."""

from __future__ import annotations

import numpy as np

from hyprl_lab.research.study import Ranking
from hyprl_lab.research.study.misses import nearest_misses

NAN = np.nan
METRICS = {
    "sharpe": np.array([1.0, NAN, 0.4, 0.9]),
    "trades": np.array([12.0, 0.0, 29.0, 24.0]),
    "max_drawdown": np.array([0.1, NAN, 0.6, 0.3]),
}


def name(place: int) -> str:
    return f"trial {place}"


def test_each_constraint_names_the_trials_that_came_nearest() -> None:
    found = nearest_misses(
        Ranking.of("cagr", ["trades >= 30"]), {**METRICS, "cagr": METRICS["trades"]}, 4, 2
    )
    (miss,) = found.constraints
    assert (found.trials, found.ranked, miss.failed, miss.undefined) == (4, 0, 4, 0)
    assert [near.place for near in miss.nearest] == [2, 3]
    assert [near.shortfall for near in miss.nearest] == [1 / 30, 6 / 30]
    assert miss.nearest[0].values == {"trades": 29.0}
    assert found.together is None
    assert found.remarks(name) == (
        (
            "no trial met 'trades >= 30' (4 of 4 failed it); "
            "nearest: trial 2 with trades 29; trial 3 with trades 24"
        ),
    )


def test_constraints_that_are_met_only_one_at_a_time_are_looked_at_together() -> None:
    ranking = Ranking.of("trades", ["trades > 25", "max_drawdown <= 0.3"])
    found = nearest_misses(ranking, METRICS, 4, 1)
    first, second = found.constraints
    assert (first.failed, first.undefined) == (3, 0)
    assert (second.failed, second.undefined) == (2, 1)  # no drawdown without a trade
    assert second.nearest[0].place == 2
    assert found.together is not None
    # 2 lacks 0.3/0.3 of drawdown, 3 lacks 1/25 of trades, 0 lacks 13/25.
    assert found.together.nearest[0].place == 3
    assert found.remarks(name) == (
        "not every trial met 'trades > 25' (3 of 4 failed it); nearest: trial 3 with trades 24",
        (
            "not every trial met 'max_drawdown <= 0.3' (2 of 4 failed it, 1 of them with an "
            "undefined metric); nearest: trial 2 with max_drawdown 0.6"
        ),
        "no trial met all constraints at once; nearest: trial 3 with max_drawdown 0.3, trades 24",
    )


def test_an_undefined_objective_names_the_metric_that_is_missing() -> None:
    among = np.array([False, True, False, False])
    found = nearest_misses(Ranking.of("sharpe - 0 * trades"), METRICS, 4, among=among)
    assert found.undefined == {"sharpe - 0 * trades": (1, {"sharpe": 1})}
    (said,) = found.remarks(name)
    assert said.startswith(
        "objective 'sharpe - 0 * trades' is undefined for 1 of 1: undefined are sharpe in 1; "
    )


def test_an_objective_can_be_undefined_by_its_arithmetic() -> None:
    metrics = {"cagr": np.array([0.1]), "max_drawdown": np.array([0.0])}
    found = nearest_misses(Ranking.of("cagr / max_drawdown"), metrics, 1)
    assert found.undefined == {"cagr / max_drawdown": (1, {})}
    assert "undefined for 1 of 1, by its arithmetic" in found.remarks(name)[0]


def test_nothing_is_said_where_something_is_ranked() -> None:
    found = nearest_misses(Ranking.of("sharpe", ["trades >= 20"]), METRICS, 4)
    assert found.ranked == 2
    assert found.constraints[0].failed == 2
    assert found.remarks(name) == ()


def test_nothing_is_said_of_no_trials() -> None:
    nobody = np.zeros(4, dtype=np.bool_)
    found = nearest_misses(Ranking.of("sharpe", ["trades >= 99"]), METRICS, 4, among=nobody)
    assert (found.trials, found.constraints, found.remarks(name)) == (0, (), ())
