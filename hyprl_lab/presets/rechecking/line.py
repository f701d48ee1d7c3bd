"""One thing that was checked again: what was found, and what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = ["Line", "at", "compared"]

_SHOWN: Final = 120
_MARKS: Final = {True: "ok", False: "FAIL", None: "-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that was checked.

    Parameters
    ----------
    part
        Of the preset.
    found, expected
        In words, or the values themselves.
    ok
        Whether they agree; `None` where it can't be told, which `found` explains.

    Examples
    --------
    >>> print(Line(part="trials", found="3", expected="at least 4", ok=False))
    FAIL  trials: found 3, expected at least 4
    """

    part: str
    found: str
    expected: str
    ok: bool | None

    def __str__(self) -> str:
        """Say it on one line."""
        return f"{_MARKS[self.ok]:<4}  {self.part}: found {self.found}, expected {self.expected}"

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        return {
            "part": self.part,
            "found": self.found,
            "expected": self.expected,
            "ok": self.ok,
        }


def compared(part: str, found: object, expected: object) -> Line:
    """Return a line that compares two values, kind and all: `True` is not 1.

    Examples
    --------
    >>> compared("seed", 1, 1.0).ok, compared("seed", 1, True).ok
    (True, False)
    """
    alike = found == expected and isinstance(found, bool) == isinstance(expected, bool)
    return Line(part=part, found=_shown(found), expected=_shown(expected), ok=alike)


def at(document: Mapping[str, Any], *keys: str) -> Any:  # JSON of any kind
    """Return a part of a document that may be malformed, `None` where it is missing.

    Examples
    --------
    >>> at({"a": {"b": 1}}, "a", "b"), at({"a": []}, "a", "b")
    (1, None)
    """
    found: Any = document
    for key in keys:
        if not isinstance(found, dict):
            return None
        found = found.get(key)
    return found


def _shown(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
