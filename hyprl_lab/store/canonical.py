"""Canonical JSON of what is to be stored; what is not JSON is bad input here."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, cast

from hyprl_lab import hashing
from hyprl_lab.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = ["canonical_json", "defined", "digest"]


def canonical_json(value: object) -> bytes:
    """Return the RFC 8785 JSON of `value`, UTF-8.

    Raises
    ------
    InputError
        `value` holds NaN, an infinity, an integer beyond ±2⁵³ or something that is not JSON.

    Examples
    --------
    >>> canonical_json({"b": 1.0, "a": [None, True]})
    b'{"a":[null,true],"b":1}'
    """
    import rfc8785

    try:
        return hashing.canonical_json(cast("JsonValue", value))
    except rfc8785.CanonicalizationError as error:
        raise InputError(
            f"this can't be stored as JSON: {error}; expected finite numbers (integers within "
            "±2^53), text, true, false, null, lists, and objects with text keys"
        ) from error


def digest(value: object) -> str:
    """Return the SHA-256, in hexadecimal, of the RFC 8785 JSON of `value`.

    Examples
    --------
    >>> digest({})
    '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'
    """
    return hashlib.sha256(canonical_json(value)).hexdigest()


def defined(metrics: Mapping[str, float | None]) -> dict[str, JsonValue]:
    """Return metrics as JSON numbers: NaN, which means undefined, becomes null.

    Raises
    ------
    InputError
        A metric is infinite; undefined is `None` or NaN.

    Examples
    --------
    >>> defined({"sharpe": 1.5, "calmar": float("nan"), "sortino": None})
    {'sharpe': 1.5, 'calmar': None, 'sortino': None}
    """
    found: dict[str, JsonValue] = {}
    for name, value in metrics.items():
        if value is not None and math.isinf(value):
            raise InputError(f"metric {name} is {value}; expected a number, NaN or None")
        found[name] = None if value is None or math.isnan(value) else float(value)
    return found
