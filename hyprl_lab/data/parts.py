"""Long series in parts: small enough for the processor's cache, and to be stopped in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["PART_ROWS", "parts"]

PART_ROWS: Final = 1 << 16
"""Rows of a part: a few milliseconds of work, and arrays that stay in the cache."""


def parts(rows: int, check: Callable[[], None] | None = None) -> Iterator[slice]:
    """Yield the parts of a series in order, none where it has no rows.

    Parameters
    ----------
    rows
        How many rows the series has.
    check
        Called before each part; what it raises ends the work.

    Examples
    --------
    >>> list(parts(100_000))
    [slice(0, 65536, None), slice(65536, 100000, None)]
    """
    for start in range(0, rows, PART_ROWS):
        if check is not None:
            check()
        yield slice(start, min(start + PART_ROWS, rows))
