"""How error messages show what was found, whatever it was."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["listed", "shown"]

_LENGTH: Final = 80
_BITS: Final = 128
_LISTED: Final = 8
_LISTED_LENGTH: Final = 24


def shown(value: object) -> str:
    """Return a short text for a value; never long, and never an error.

    Examples
    --------
    >>> shown("x"), shown([1, 2]), shown(10**50)
    ("'x'", 'a list of 2', 'an integer of 167 bits')
    """
    if isinstance(value, dict | list | tuple | set | frozenset):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, int) and value.bit_length() > _BITS:
        return f"an integer of {value.bit_length()} bits"
    try:
        return " ".join(f"{value!r:.{_LENGTH}}".split("\n"))
    except (RecursionError, ValueError):  # deep within, or an integer too long for decimal digits
        return f"a {type(value).__name__}"


def listed(values: Collection[object]) -> str:
    """Return the values as a list would print them, each short, and at most eight of them.

    Examples
    --------
    >>> listed(["fast", 1]), listed(range(12))
    ("['fast', 1]", '[0, 1, 2, 3, 4, 5, 6, 7, and 4 more]')
    """
    parts = [_clipped(shown(value)) for value in islice(values, _LISTED)]
    if len(values) > _LISTED:
        parts.append(f"and {len(values) - _LISTED} more")
    return f"[{', '.join(parts)}]"


def _clipped(text: str) -> str:
    return text if len(text) <= _LISTED_LENGTH else f"{text[: _LISTED_LENGTH - 1]}…"
