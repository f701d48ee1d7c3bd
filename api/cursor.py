"""Opaque cursors of lists."""

from __future__ import annotations

import base64
import binascii

from api.problems import FieldError, invalid

__all__ = ["decode", "encode"]


def encode(last: str) -> str:
    """Return the cursor of the page after the item `last`.

    Examples
    --------
    >>> decode(encode("sma_cross"))
    'sma_cross'
    """
    return base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")


def decode(cursor: str | None) -> str | None:
    """Return the item a cursor stands for.

    Raises
    ------
    ProblemError
        422 for a cursor that no answer held.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise invalid(
            FieldError("/cursor", "invalid_cursor", "use a next_cursor as it was answered")
        ) from error
