"""Choosing points by the sampler's name."""

from __future__ import annotations

import pytest

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space import Grid, Sampled, points_of
from hyprl_lab.strategy.builtin import dual_sma

SPACE = {"fast": range(2, 12), "slow": range(20, 30)}


def test_names_choose() -> None:
    assert isinstance(points_of(dual_sma(), SPACE), Grid)
    for name in ("random", "sobol", "latin_hypercube"):
        found = points_of(dual_sma(), SPACE, sampler=name, max_trials=5)
        assert isinstance(found, Sampled)
        assert found.sampler == name


@pytest.mark.parametrize("sampler", ["gird", "tpe", "", None, 5, object()])
def test_what_is_no_sampler(sampler: object) -> None:
    with pytest.raises(SpaceError, match=r"sampler is .*choose 'grid', 'random', 'sobol', 'latin"):
        points_of(dual_sma(), SPACE, sampler=sampler)  # type: ignore[arg-type]


def test_a_grid_takes_all_of_its_points() -> None:
    assert points_of(dual_sma(), SPACE, max_trials=100).size == 100
    with pytest.raises(SpaceError, match=r"grid has 100 points, and max_trials=99; .*'random'"):
        points_of(dual_sma(), SPACE, max_trials=99)
    with pytest.raises(SpaceError, match="max_trials is 0; expected"):
        points_of(dual_sma(), SPACE, max_trials=0)


def test_an_empty_grid_is_told_with_the_count() -> None:
    with pytest.raises(SpaceError, match=r"of 100 points none meets where='fast > slow'; widen"):
        points_of(dual_sma(), SPACE, "fast > slow")
