"""A name for the content of bars: the same numbers, the same 64 letters, on any machine."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.spill import drop_pages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.types import FloatArray, IntArray, JsonValue

__all__ = ["canonical_floats", "fingerprint", "told_rows"]

_TAG: Final = b"hyprl-bars/1\n"
_PIECE_ROWS: Final = 1 << 20
_NAN: Final = np.array([0x7FF8_0000_0000_0000], dtype=np.uint64).view(np.float64)[0]


def canonical_floats(values: FloatArray) -> FloatArray:
    """Return a copy with one NaN (quiet, positive, no payload) and no negative zero.

    Every other value keeps its bits, so arrays that compare equal, NaN with NaN, are the same
    bytes.

    Parameters
    ----------
    values
        float64, one dimension.

    Examples
    --------
    >>> canonical_floats(np.array([-0.0, 1.5])).tobytes() == np.array([0.0, 1.5]).tobytes()
    True
    """
    result = np.ascontiguousarray(values + 0.0)  # IEEE 754: minus zero plus zero is zero
    missing = np.isnan(result)
    if missing.any():
        result[missing] = _NAN
    return result


def fingerprint(ts: IntArray, columns: Mapping[str, FloatArray]) -> str:
    r"""Return the SHA-256 of bars' content as 64 hexadecimal letters.

    The digest covers, in this order: the tag `hyprl-bars/1\\n`; a JSON array of the row count and
    the column names, and a newline; `ts` as little-endian int64 microseconds; each column as
    little-endian float64. Symbol, timeframe and calendar are not content.

    Parameters
    ----------
    ts
        Microseconds since the epoch, UTC.
    columns
        float64 arrays, canonical (see `canonical_floats`), in the order to hash.

    Examples
    --------
    >>> fingerprint(np.array([0]), {"close": np.array([1.0])})[:8]
    'e66f3763'
    """
    digest = hashlib.sha256(_TAG)
    header = json.dumps([int(ts.size), *columns], separators=(",", ":"), ensure_ascii=True)
    digest.update(header.encode("ascii") + b"\n")
    for array, kind in ((ts, "<i8"), *((values, "<f8") for values in columns.values())):
        for start in range(0, array.size, _PIECE_ROWS):  # long columns lie in files, not in memory
            piece = array[start : start + _PIECE_ROWS]
            digest.update(np.ascontiguousarray(piece, dtype=kind).data)
            drop_pages(array)
    return digest.hexdigest()


def told_rows(bars: Bars, rows: IntArray) -> dict[str, JsonValue]:
    """Return what a lineage says of rows that were taken: all, where they are evenly spaced.

    Of others it has the fingerprint they were taken of, and the SHA-256 of the row numbers as
    64-bit integers, little-endian.

    Parameters
    ----------
    bars
        What they are rows of.
    rows
        At least one, increasing.

    Examples
    --------
    >>> told_rows(..., np.array([0, 2, 4]))
    {'first': 0, 'last': 4, 'count': 3, 'step': 2}
    """
    ends: dict[str, JsonValue] = {
        "first": int(rows[0]),
        "last": int(rows[-1]),
        "count": int(rows.size),
    }
    steps = np.diff(rows)
    if steps.size == 0 or bool(np.all(steps == steps[0])):
        return {**ends, "step": int(steps[0]) if steps.size else 1}
    numbers = np.ascontiguousarray(rows, dtype="<i8")
    return {"of": bars.fingerprint, **ends, "sha256": hashlib.sha256(numbers.tobytes()).hexdigest()}
