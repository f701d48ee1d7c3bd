"""The one way a JSON value becomes bytes and a hash: RFC 8785 and SHA-256."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = ["canonical_json", "digest"]


def canonical_json(value: JsonValue | Mapping[str, JsonValue]) -> bytes:
    """Return the RFC 8785 form of a JSON value, in UTF-8.

    Examples
    --------
    >>> canonical_json({"b": 1.0, "a": [True, None]})
    b'{"a":[true,null],"b":1}'
    """
    import rfc8785

    return rfc8785.dumps(cast("dict[str, JsonValue]", value))


def digest(value: JsonValue | Mapping[str, JsonValue]) -> str:
    """Return the SHA-256 of a JSON value's RFC 8785 form, as 64 hexadecimal letters.

    Examples
    --------
    >>> digest({})[:8]
    '44136fa3'
    """
    return hashlib.sha256(canonical_json(value)).hexdigest()
