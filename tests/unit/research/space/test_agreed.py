"""Settings that must fit each other: at the corners, and where conditions keep away from them."""

from __future__ import annotations

import pytest

from hyprl_lab.engine.config import Execution, FixedFraction
from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space import floats, points_of
from hyprl_lab.research.space.agreed import check_together
from hyprl_lab.research.space.given import read_space
from hyprl_lab.research.space.grid import Grid
from hyprl_lab.strategy.builtin import dual_sma

SPACE = {
    "fast": [5],
    "slow": [20, 50],
    "risk.fraction": [0.5, 1.5, 2.5],
    "execution.leverage": [1, 2, 3],
}
FITS = "risk.fraction <= execution.leverage"


def test_a_corner_that_can_not_be_is_refused() -> None:
    with pytest.raises(SpaceError, match=r"space at execution\.leverage=1, risk\.fraction=2\.5: "):
        points_of(dual_sma(), SPACE, risk=FixedFraction(1))


def test_a_condition_may_keep_away_from_it() -> None:
    found = points_of(dual_sma(), SPACE, FITS, risk=FixedFraction(1))
    # of the fractions 1 is up to leverage 1, 2 up to leverage 2, 3 up to leverage 3
    assert found.size == 2 * (1 + 2 + 3)
    with pytest.raises(SpaceError, match=r"leverage=1, risk\.fraction=1\.5"):
        points_of(dual_sma(), SPACE, "risk.fraction < 2", risk=FixedFraction(1))


def test_drawn_points_too() -> None:
    space = SPACE | {"risk.fraction": floats(0.5, 3), "execution.leverage": floats(1, 3)}
    draw = {"sampler": "random", "max_trials": 300, "risk": FixedFraction(1)}
    assert points_of(dual_sma(), space, FITS, **draw).size == 300  # type: ignore[arg-type]
    with pytest.raises(SpaceError, match="is above Execution leverage"):
        points_of(dual_sma(), space, **draw)  # type: ignore[arg-type]
    with pytest.raises(SpaceError, match="is above Execution leverage"):
        points_of(dual_sma(), space, "fast > 0", **draw)  # type: ignore[arg-type]


def test_a_space_without_settings_has_nothing_to_agree() -> None:
    space = read_space(dual_sma(), {"slow": [20]}, execution=Execution())
    check_together(space, Grid(space))
