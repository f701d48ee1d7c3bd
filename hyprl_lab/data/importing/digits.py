"""Text columns as matrices of bytes, and the whole numbers that stand in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["LONGEST", "groups_of_shape", "letters_of", "whole_number"]

LONGEST: Final = 40
"""No time takes more letters."""

_COMMON_SHAPES: Final = 16
_ZERO: Final = ord("0")


def letters_of(texts: Any) -> tuple[NDArray[np.uint8], BoolArray]:
    """Return a row of bytes for each text, zeros behind its end, and which texts are too long.

    Parameters
    ----------
    texts
        A pyarrow array of type string without missing values.

    Examples
    --------
    >>> import pyarrow as pa
    >>> letters, long = letters_of(pa.array(["12", "3"]))
    >>> letters.tolist(), long.tolist()
    ([[49, 50], [51, 0]], [False, False])
    """
    count = len(texts)
    _, offsets, content = texts.buffers()
    places = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + count + 1]
    starts = places[:-1].astype(np.int64)
    lengths = places[1:] - starts
    long = lengths > LONGEST
    width = int(lengths[~long].max(initial=0))
    if width == 0:
        return np.zeros((count, 1), dtype=np.uint8), long
    data = np.frombuffer(content, dtype=np.uint8)
    if bool((lengths == width).all()):
        start = int(starts[0])
        return data[start : start + count * width].reshape(count, width), long
    steps = np.arange(width)
    letters = data[np.minimum(starts[:, None] + steps, data.size - 1)]
    letters[steps >= np.where(long, 0, lengths)[:, None]] = 0
    return letters, long


def groups_of_shape(letters: NDArray[np.uint8]) -> Iterator[tuple[str, IntArray]]:
    """Yield each shape (digits as 0; not ASCII as ?) and the rows that have it.

    Examples
    --------
    >>> rows = np.array([[49, 46], [50, 46], [46, 49]], dtype=np.uint8)
    >>> [(shape, found.tolist()) for shape, found in groups_of_shape(rows)]
    [('0.', [0, 1]), ('.0', [2])]
    """
    is_digit = (letters >= _ZERO) & (letters < _ZERO + 10)
    shapes = np.where(is_digit, np.uint8(_ZERO), letters)
    rest = np.arange(len(shapes))
    for _ in range(_COMMON_SHAPES):
        if rest.size == 0:
            return
        first = shapes[rest[0]]
        same = (shapes[rest] == first).all(axis=1)
        yield _text(first), rest[same]
        rest = rest[~same]
    if rest.size:
        width = shapes.shape[1]
        packed = np.ascontiguousarray(shapes[rest]).view(f"S{width}").ravel()
        kinds, members = np.unique(packed, return_inverse=True)
        order = np.argsort(members, kind="stable")
        ends = np.cumsum(np.bincount(members, minlength=kinds.size))
        for kind, start, end in zip(kinds.tolist(), [0, *ends[:-1]], ends, strict=True):
            yield _decoded(kind), rest[order[start:end]]


def whole_number(letters: NDArray[np.uint8], start: int, stop: int) -> IntArray:
    """Return the number that the digits of some columns make in each row, at most 18 of them.

    Examples
    --------
    >>> whole_number(np.frombuffer(b"20240131", dtype=np.uint8).reshape(1, 8), 4, 6).tolist()
    [1]
    """
    number = np.zeros(len(letters), dtype=np.int64)
    for place in range(start, stop):
        number = number * 10 + (letters[:, place].astype(np.int64) - _ZERO)
    return number


def _text(shape: NDArray[np.uint8]) -> str:
    return _decoded(shape.tobytes().rstrip(b"\0"))


def _decoded(shape: bytes) -> str:
    return shape.decode("ascii", errors="replace")
