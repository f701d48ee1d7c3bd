"""Settings that must fit each other at every point of a space, checked before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space.settings import (
    check_settings,
    distinct_rows,
    is_setting,
    setting_corners,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.research.space.given import Space
    from hyprl_lab.research.space.points import Points

__all__ = ["check_corners", "check_together"]

_BATCH: Final = 1 << 16


def check_corners(space: Space, takes: Callable[[Mapping[str, float]], bool]) -> None:
    """Refuse settings at the corners of the axes that can't be, where some point has them.

    Said before all points are walked; `check_together` looks at those that conditions leave.

    Parameters
    ----------
    space
        Whose axes span the corners.
    takes
        Whether a point of the search has some values.

    Raises
    ------
    SpaceError
        Naming the first settings that can't be.
    """
    if not any(is_setting(name) for name in space.names):
        return
    for corner in setting_corners(space.ends):
        try:
            check_settings(corner, space.strategy, space.risk, space.execution)
        except SpaceError:
            if takes(corner):
                raise


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
    known: set[tuple[float, ...]] = set()
    for batch in points.batches(_BATCH):
        rows, _ = distinct_rows(batch.values[:, columns])
        for row in map(tuple, rows.tolist()):
            if row not in known:
                known.add(row)
                values = dict(zip(names, row, strict=True))
                check_settings(values, space.strategy, space.risk, space.execution)
