"""How error messages show what was found, whatever it was."""

from __future__ import annotations

__all__ = ["shown"]

_LENGTH = 80
_BITS = 128


def shown(value: object) -> str:
    """Return a short text for a value; never long, and never an error for JSON values.

    Examples
    --------
    >>> shown("x"), shown([1, 2]), shown(10**50)
    ("'x'", 'a list of 2', 'an integer of 167 bits')
    """
    if isinstance(value, dict | list | tuple | set):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, int) and value.bit_length() > _BITS:
        return f"an integer of {value.bit_length()} bits"
    return f"{value!r:.{_LENGTH}}"
