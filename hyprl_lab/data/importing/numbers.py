"""Cells into numbers: the nearest float64, NaN where a cell says it is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from hyprl_lab.types import BoolArray, FloatArray

__all__ = ["MISSING", "holds_nan", "is_missing", "is_number", "numbers_of", "why_no_number"]

_WORDS: Final = ("nan", "NaN", "NAN", "na", "NA", "n/a", "N/A", "null", "Null", "NULL")
_SPREADSHEET: Final = ("#N/A", "#NA", "n.a.", "N.A.", "--")
MISSING: Final = ("", *_WORDS, "none", "None", "NONE", ".", "-", *_SPREADSHEET)
"""What a cell holds that says there is no number."""

_MISSING_LOWER: Final = frozenset(word.lower() for word in MISSING)
_TRUTH: Final = {"true": 1.0, "false": 0.0}
_NUMBER: Final = re.compile(
    r"[+-]?(?:(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]+)?|inf|infinity)",
    re.IGNORECASE | re.ASCII,
)


def is_missing(text: str) -> bool:
    """Whether a cell says that there is no number.

    Examples
    --------
    >>> is_missing(" NaN "), is_missing("."), is_missing("0")
    (True, True, False)
    """
    return text.strip().lower() in _MISSING_LOWER


def is_number(text: str) -> bool:
    """Whether a cell holds a number, or `true` or `false`.

    Examples
    --------
    >>> is_number("1e400"), is_number("1,5"), is_number("True")
    (True, False, True)
    """
    plain = text.strip()
    return _NUMBER.fullmatch(plain) is not None or plain.lower() in _TRUTH


def numbers_of(cells: Any, *, truth: bool = True) -> tuple[FloatArray, BoolArray]:
    """Return a column's numbers, and which of its cells are none.

    Parameters
    ----------
    cells
        A pyarrow array of text, numbers, decimals or booleans. Text is read as decimal notation;
        See `MISSING` for what becomes NaN. Numbers too large for float64 become infinite.
    truth
        Whether `true` and `false` are 1 and 0; no price and no volume is either.

    Returns
    -------
    values, unreadable
        float64, and one flag a row.

    Examples
    --------
    >>> import pyarrow as pa
    >>> values, unreadable = numbers_of(pa.array(["1.5", ".", "x"]))
    >>> values.tolist(), unreadable.tolist()
    ([1.5, nan, nan], [False, False, True])
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    readable = np.zeros(len(cells), dtype=np.bool_)
    if not (pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)):
        if pa.types.is_decimal(cells.type):
            cells = pc.cast(cells, pa.string())  # from text to the nearest, which decimals are not
        if pa.types.is_boolean(cells.type) and not truth:
            readable = np.asarray(pc.is_valid(cells).to_numpy(zero_copy_only=False))
        return _as_array(pc.cast(cells, pa.float64(), safe=False)), readable
    try:
        said = pc.if_else(pc.is_in(cells, pa.array(MISSING, cells.type)), None, cells)
        numbers = pc.cast(said, pa.float64())
        if not holds_nan(numbers):
            return _as_array(numbers), readable
    except pa.ArrowInvalid:
        pass
    return _one_by_one(cells.to_pylist(), truth=truth)


def holds_nan(numbers: Any) -> bool:
    """Whether pyarrow took a text that is not in `MISSING` for NaN, as it does `-nan` or `nan(1)`.

    Parameters
    ----------
    numbers
        A pyarrow array of float64, made of text; what is missing in it is null.

    Examples
    --------
    >>> import pyarrow as pa
    >>> holds_nan(pa.array([1.0, float("nan")])), holds_nan(pa.array([1.0, None]))
    (True, False)
    """
    import pyarrow.compute as pc

    return bool(pc.any(pc.is_nan(numbers)).as_py())


def _as_array(numbers: Any) -> FloatArray:
    values: FloatArray = numbers.to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float64)


def _one_by_one(texts: list[str | None], *, truth: bool) -> tuple[FloatArray, BoolArray]:
    values = np.full(len(texts), np.nan)
    unreadable = np.zeros(len(texts), dtype=np.bool_)
    for row, text in enumerate(texts):
        plain = "" if text is None else text.strip()
        lower = plain.lower()
        if lower in _MISSING_LOWER:
            continue
        if truth and lower in _TRUTH:
            values[row] = _TRUTH[lower]
        elif _NUMBER.fullmatch(plain):
            values[row] = float(plain)
        else:
            unreadable[row] = True
    return values, unreadable


def why_no_number(text: str) -> str:
    """Return what a cell that is no number should have been.

    Examples
    --------
    >>> why_no_number("1,234.5")
    "a number without marks between thousands: '1234.5'. State them: thousands=','"
    """
    plain = text.strip()
    if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})", plain):
        either = f"{plain.replace(',', '')!r} or {plain.replace(',', '.')!r}"
        return f"a number with one meaning: {either}. State it: thousands=',' or decimal=','"
    if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:[.]\d*)?", plain):
        bare = plain.replace(",", "")
        return f"a number without marks between thousands: {bare!r}. State them: thousands=','"
    if re.fullmatch(r"[+-]?\d{1,3}(?:[.]\d{3})+,\d*", plain):
        return "a decimal point. State the marks: decimal=',', thousands='.'"
    if re.fullmatch(r"[+-]?\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:([.,])\d*)?", plain):
        comma = "decimal=',', " if "," in plain else ""
        return f"a number without spaces in it. State the marks: {comma}thousands=' '"
    if re.fullmatch(r"[+-]?\d+,\d+", plain):
        return f"a decimal point: {plain.replace(',', '.')!r}. State a decimal comma: decimal=','"
    if plain.lower() in _TRUTH:
        return "a number, for true and false are read in features alone"
    return "a number"
