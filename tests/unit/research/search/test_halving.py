"""Successive halving: where prefixes end, who goes on, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.errors import ConfigError, SpaceError
from hyprl_lab.research.search.halving import Halving


def test_prefixes_end_where_headline_periods_do() -> None:
    headline = np.arange(6, 7 * 400, 7)  # sessions of seven bars
    assert Halving(factor=2, rungs=3).prefixes(headline) == [350, 700, 1400]


def test_bars_too_few_for_the_rungs_are_refused_with_the_mend() -> None:
    assert Halving().prefixes(np.arange(180)) == [20, 60]
    with pytest.raises(SpaceError, match="down to 19, expected at least 20; use fewer rungs"):
        Halving().prefixes(np.arange(179))


@pytest.mark.parametrize(
    ("scores", "kept"),
    [
        ([1.0, 3.0, 2.0, 0.0], [1, 2]),
        ([2.0, 2.0, 2.0, 2.0], [0, 1]),  # equal ones in the order of the space
        ([np.nan, 1.0, np.nan, np.nan], [0, 1]),  # undefined ones only where places are left
        ([np.nan] * 4, [0, 1]),
        ([5.0, 1.0, 4.0], [0, 2]),  # a half of three, rounded up
        ([np.nan], [0]),
        ([-np.inf, np.nan, 1.0, np.nan], [0, 2]),
    ],
)
def test_the_best_share_goes_on(scores: list[float], kept: list[int]) -> None:
    assert Halving(factor=2, rungs=1).going_on(np.array(scores)).tolist() == kept


@pytest.mark.parametrize(
    "options",
    [{"factor": 1}, {"factor": 2.0}, {"factor": True}, {"rungs": 0}, {"rungs": 11}, {"rungs": "2"}],
)
def test_what_is_no_whole_number_in_range_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="expected a whole number from"):
        Halving(**options)


def test_json_there_and_back() -> None:
    assert Halving.from_json(Halving(4, 1).to_json()) == Halving(4, 1)
