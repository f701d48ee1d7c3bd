"""Settings that must fit each other at every point of a space, checked before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space.settings import check_settings, is_setting, setting_corners

if TYPE_CHECKING:
    from hyprl_lab.research.space.given import Space
    from hyprl_lab.research.space.points import Points

__all__ = ["check_together"]

_BATCH: Final = 1 << 16


def check_together(space: Space, points: Points) -> None:
    """Refuse points whose settings can't be together, as a fraction above the leverage.

    Where the corners of the box are fine all of it is. Where one is not, conditions may still
    keep the points away from it, so every point is looked at.

    Parameters
    ----------
    space
        What the points are of.
    points
        The points of a search over it.

    Raises
    ------
    SpaceError
        Naming the first settings that can't be.
    """
    names = [name for name in points.names if is_setting(name)]
    if not names:
        return
    try:
        for corner in setting_corners(points.bounds):
            check_settings(corner, space.strategy, space.risk, space.execution)
    except SpaceError:
        if space.where is None and not space.conditional:
            raise
    else:
        return
    columns = [points.names.index(name) for name in names]
    for batch in points.batches(_BATCH):
        for row in np.unique(batch.values[:, columns], axis=0).tolist():
            values = dict(zip(names, row, strict=True))
            check_settings(values, space.strategy, space.risk, space.execution)
