"""Points as they come, cut into batches of one size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space.points import Batch
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hyprl_lab.types import FloatArray

__all__ = ["in_batches"]


def in_batches(chunks: Iterable[FloatArray], size: int, width: int) -> Iterator[Batch]:
    """Yield points `size` at a time, the last batch smaller; holds one chunk and one batch.

    Parameters
    ----------
    chunks
        Points, shape (any, width).
    size
        Points in a batch.
    width
        Columns.

    Raises
    ------
    SpaceError
        The size is no whole number from 1.

    Examples
    --------
    >>> [len(batch.values) for batch in in_batches([np.ones((3, 1)), np.ones((2, 1))], 2, 1)]
    [2, 2, 1]
    """
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise SpaceError(f"batches of {shown(size)} points; expected a whole number from 1")
    return _cut(chunks, size, width)


def _cut(chunks: Iterable[FloatArray], size: int, width: int) -> Iterator[Batch]:
    first = 0
    waiting: list[FloatArray] = []
    count = 0
    for chunk in chunks:
        waiting.append(chunk)
        count += len(chunk)
        if count < size:
            continue
        points = np.concatenate(waiting)
        whole = count // size * size
        for start in range(0, whole, size):
            yield Batch(first + start, points[start : start + size])
        first += whole
        waiting, count = [points[whole:]], count - whole
    if count:
        yield Batch(first, np.concatenate(waiting).reshape(count, width))
