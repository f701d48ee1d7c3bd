"""Search spaces: what values parameters and settings take, and the points a search evaluates.

A space is read once (`read_space`), against the strategy and the settings it is for; `points_of`
returns the points of a sampler, in batches of a fixed order, which is what a search evaluates.
"""

from __future__ import annotations

from hyprl_lab.research.space.axes import Axis, choice, floats, ints
from hyprl_lab.research.space.chosen import points_of
from hyprl_lab.research.space.conditional import resolved
from hyprl_lab.research.space.document import space_from_json
from hyprl_lab.research.space.given import Space, SpaceLike, read_space
from hyprl_lab.research.space.grid import Grid, grid
from hyprl_lab.research.space.kinds import Choice, Floats, Ints
from hyprl_lab.research.space.points import Batch, Points
from hyprl_lab.research.space.sampled import SAMPLERS, Sampled
from hyprl_lab.research.space.settings import (
    Settings,
    check_settings,
    is_setting,
    setting_corners,
    settings_at,
    split_settings,
)

__all__ = [
    "SAMPLERS",
    "Axis",
    "Batch",
    "Choice",
    "Floats",
    "Grid",
    "Ints",
    "Points",
    "Sampled",
    "Settings",
    "Space",
    "SpaceLike",
    "check_settings",
    "choice",
    "floats",
    "grid",
    "ints",
    "is_setting",
    "points_of",
    "read_space",
    "resolved",
    "setting_corners",
    "settings_at",
    "space_from_json",
    "split_settings",
]
