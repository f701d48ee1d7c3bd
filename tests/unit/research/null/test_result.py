from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from hyprl_lab.research.null.result import SearchNull, exceedances_at, read, told

NULL = SearchNull(
    form="search",
    kind="permutation",
    statistic="sharpe",
    real=1.5,
    scores=np.array([0.5, 1.5, -np.inf, 2.0, 1.4]),
    markets=5,
    stop_after=None,
    trials=9,
    seed=0,
)


def test_ties_count_and_so_does_the_real_market() -> None:
    assert NULL.exceedances == 2
    assert NULL.p_value == (2 + 1) / (5 + 1)
    assert (NULL.done, NULL.stopped_early, NULL.undefined) == (5, False, 1)


def test_none_as_good_is_one_in_all_of_them() -> None:
    assert replace(NULL, real=9.0).p_value == 1 / 6


def test_after_enough_of_them_it_is_their_share() -> None:
    """Besag and Clifford (1991): the h-th at draw l gives h/l."""
    stopped = replace(NULL, scores=NULL.scores[:4], markets=100, stop_after=2)
    assert stopped.stopped_early
    assert stopped.p_value == 2 / 4
    assert replace(stopped, stop_after=3).p_value == (2 + 1) / (4 + 1)


def test_besag_clifford_is_uniform_on_its_points() -> None:
    """Of uniform scores: P(p ≤ h/l) = h/l at each attainable value, within four deviations."""
    draws = np.random.Generator(np.random.PCG64(11))
    found = []
    for _ in range(4000):
        scores, real = draws.uniform(size=60), float(draws.uniform())
        done = exceedances_at(scores, real, 5) or len(scores)
        null = replace(NULL, real=real, scores=scores[:done], markets=60, stop_after=5)
        found.append(null.p_value)
    for level in (1 / 61, 3 / 61, 5 / 61, 5 / 40, 5 / 20, 0.5):
        share = np.mean(np.array(found) <= level)
        assert abs(share - level) < 4 * np.sqrt(level / 4000)


def test_an_undefined_real_score_is_no_better_than_any() -> None:
    assert replace(NULL, real=-np.inf).p_value == 1.0


def test_it_is_plain_json_and_comes_back() -> None:
    data = json.loads(json.dumps(NULL.to_dict(), allow_nan=False))
    assert data["scores"][2] is None
    again = SearchNull.from_dict(data)
    assert np.array_equal(again.scores, NULL.scores)
    assert again.to_dict() == NULL.to_dict()
    lost = replace(NULL, real=-np.inf, block_length=2.5)
    again = SearchNull.from_dict(json.loads(json.dumps(lost.to_dict())))
    assert (again.real, again.block_length) == (-np.inf, 2.5)


@pytest.mark.parametrize("score", [-np.inf, -1.5, 0.0, 3.25])
def test_a_score_comes_back(score: float) -> None:
    assert read(told(score)) == score


def test_where_it_stops() -> None:
    scores = np.array([1.0, 3.0, 2.0, 3.0])
    assert [exceedances_at(scores, 2.0, count) for count in (1, 2, 3, 4, None)] == [
        2,
        3,
        4,
        None,
        None,
    ]
