"""The one way a JSON value becomes bytes and a hash: RFC 8785 and SHA-256."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from hyprl_lab.errors import InputError

if TYPE_CHECKING:
    from hyprl_lab.types import JsonValue

__all__ = ["canonical_json", "digest"]


def canonical_json(value: object) -> bytes:
    """Return the RFC 8785 form of a JSON value, in UTF-8.

    Raises
    ------
    InputError
        The value holds NaN, an infinity, an integer beyond ±(2⁵³ - 1), a lone surrogate, or
        something that is not JSON.

    Examples
    --------
    >>> canonical_json({"b": 1.0, "a": [True, None]})
    b'{"a":[true,null],"b":1}'
    """
    import rfc8785

    try:
        return rfc8785.dumps(cast("dict[str, JsonValue]", value))
    except rfc8785.CanonicalizationError as error:
        raise InputError(
            f"this can't be written as JSON: {error}; expected finite numbers (integers within "
            "±(2^53 - 1)), text, true, false, null, lists, and objects with text keys"
        ) from error


def digest(value: object) -> str:
    """Return the SHA-256 of a JSON value's RFC 8785 form, as 64 hexadecimal letters.

    Raises
    ------
    InputError
        As `canonical_json`.

    Examples
    --------
    >>> digest({})[:8]
    '44136fa3'
    """
    return hashlib.sha256(canonical_json(value)).hexdigest()
