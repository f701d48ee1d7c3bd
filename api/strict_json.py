"""JSON as the API accepts it: RFC 8259 to the letter, and a few bounds.

Python's parser takes duplicate keys, `NaN`, `Infinity`, numbers too large for a float, and fails
on deep nesting in ways of its own. Each of these is refused here with a code and a message.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from api.problems import FieldError, invalid

__all__ = ["loads"]

MAX_INTEGER_DIGITS: Final = 18
# A string is taken whole and never given back, closed or not: time is linear in the text.
_STRUCTURE: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


class _RefusedError(ValueError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def loads(raw: bytes, *, max_depth: int) -> Any:
    """Parse a request body.

    Parameters
    ----------
    raw
        The bytes as they came, UTF-8.
    max_depth
        How deep arrays and objects may be nested.

    Raises
    ------
    ProblemError
        422 with the code `duplicate_key`, `not_finite`, `number_too_long`, `too_deep`,
        `not_utf8` or `invalid_json`.

    Examples
    --------
    >>> loads(b'{"a": [1, 2.5]}', max_depth=8)
    {'a': [1, 2.5]}
    >>> loads(b'{"a": 1, "a": 2}', max_depth=8)
    Traceback (most recent call last):
    api.problems.ProblemError: a key stands twice in one object
    """
    try:
        text = raw.decode("utf-8")
        _check_depth(text, max_depth)
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short,
        )
    except UnicodeDecodeError as error:
        raise _refusal("not_utf8", f"byte {error.start} of the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        message = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise _refusal("invalid_json", message) from None
    except _RefusedError as error:
        raise _refusal(error.code, str(error)) from None


def _refusal(code: str, message: str) -> Exception:
    return invalid(FieldError("", code, message), code=code)


def _check_depth(text: str, max_depth: int) -> None:
    depth = 0
    for match in _STRUCTURE.finditer(text):
        piece = match.group()
        if piece in "[{":
            depth += 1
            if depth > max_depth:
                raise _RefusedError("too_deep", f"nested deeper than {max_depth} levels")
        elif piece in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RefusedError("duplicate_key", "a key stands twice in one object")
    return found


def _no_constant(name: str) -> float:
    raise _RefusedError("not_finite", f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _RefusedError("not_finite", "a number is too large for a 64-bit float")
    return value


def _short(digits: str) -> int:
    if len(digits) > MAX_INTEGER_DIGITS:
        raise _RefusedError(
            "number_too_long", f"a whole number has more than {MAX_INTEGER_DIGITS} characters"
        )
    return int(digits)
