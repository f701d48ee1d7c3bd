"""Scores that are kept in the warehouse while they are made, so that a killed run goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from hyprl_lab.research.null.result import read, told

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse
    from hyprl_lab.types import FloatArray

__all__ = ["Kept"]

_KIND: Final = "null_scores"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """The scores of markets 0, 1, 2, … in pieces; each is kept under where it starts.

    Parameters
    ----------
    warehouse
        Where they are kept.
    key
        Hash of everything that a score depends on, besides the number of its market.
    """

    warehouse: Warehouse
    key: str

    def scores(self, most: int) -> FloatArray:
        """Return the scores from market 0 up to the first that is not there, at most `most`."""
        found: list[float] = []
        while len(found) < most:
            piece = self.warehouse.cached(_KIND, self._at(len(found)))
            if not isinstance(piece, list) or not piece:
                break
            found += [read(cast("Any", score)) for score in piece]
        return np.array(found[:most], dtype=np.float64)

    def keep(self, first: int, scores: list[float]) -> None:
        """Keep the scores of markets `first`, `first + 1`, …; what is there already stays."""
        if scores:
            self.warehouse.remember(_KIND, self._at(first), [told(score) for score in scores])

    def _at(self, first: int) -> str:
        return f"{self.key}-{first}"
