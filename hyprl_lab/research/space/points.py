"""What a search asks of a space: named columns, and batches of points in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["MOST_POINTS", "Batch", "Points"]

MOST_POINTS: Final = 100_000_000
"""The most trials of one search."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Neighbouring points of a space.

    Parameters
    ----------
    first
        The number of the first point among those of the search.
    values
        float64, shape (points, parameters), columns in the order of `Points.names`. No NaN.
    """

    first: int
    values: FloatArray


class Points(Protocol):
    """The points of one search.

    Attributes
    ----------
    learns
        Whether a batch depends on what the batches before it scored.
    """

    learns: ClassVar[bool]

    @property
    def names(self) -> list[str]:
        """Names of parameters and settings in sorted order: the columns of a batch."""
        ...

    @property
    def size(self) -> int:
        """The number of trials."""
        ...

    @property
    def bounds(self) -> Mapping[str, tuple[float, float]]:
        """The least and the largest value that each name may take."""
        ...

    def batches(self, size: int) -> Iterator[Batch]:
        """Yield the points in order, `size` at a time, the last batch smaller.

        Points and cut depend on the space and `size` alone, so that a resumed search meets the
        same batches.
        """
        ...

    def to_json(self) -> dict[str, JsonValue]:
        """Return what decides the points; `space_from_json` reads the space back from it."""
        ...
