"""JSON that people write, as text or in a file: no key twice, no endless depth, never a pipe."""

from __future__ import annotations

import json
import math
import os
import re
import stat
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import InputError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.types import JsonValue

__all__ = ["parse", "read_json"]

MAX_DEPTH: Final = 32
MAX_BYTES: Final = 16_777_216
MAX_DIGITS: Final = 18
# A string is taken whole and never given back, closed or not: time is linear in the text.
_STRUCTURE: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def parse(text: str, source: str, error: type[InputError] = InputError) -> JsonValue:
    """Return what JSON text holds, read to the letter of RFC 8259.

    Parameters
    ----------
    text
        The text.
    source
        What to call it in a message.
    error
        What is raised.

    Raises
    ------
    InputError
        It is no JSON, a key stands twice in one object, it is nested deeper than 32 levels, or a
        number is not finite or a whole one of more than 18 characters.

    Examples
    --------
    >>> parse('{"a": [1, 2.5]}', "--execution")
    {'a': [1, 2.5]}
    >>> parse('{"a": 1, "a": 2}', "--execution")
    Traceback (most recent call last):
    hyprl_lab.errors.InputError: --execution: the key 'a' stands twice in one object; say it once
    """
    try:
        _check_depth(text)
        held: JsonValue = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short,
        )
    except json.JSONDecodeError as found:
        raise error(f"{source}, line {found.lineno}: {found.msg}; expected JSON") from None
    except _RefusedError as found:
        raise error(f"{source}: {found}") from None
    return held


def read_json(path: str | Path) -> JsonValue:
    """Return what a JSON file holds.

    Raises
    ------
    InputError
        It can't be read, is no regular file, holds more than 16 MiB, is not UTF-8, or `parse`
        refuses it; the message names the place.
    """
    if "\0" in str(path):
        raise InputError(f"can't read {shown(str(path))}: it is no path; check it")
    try:
        # NONBLOCK: opening a pipe that nobody writes to would wait for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise InputError(f"{path} is not a regular file; expected a file that holds JSON")
            with os.fdopen(handle, "rb", closefd=False) as file:
                content = file.read(MAX_BYTES + 1)
        finally:
            os.close(handle)
    except OSError as error:
        where = shown(str(path))
        raise InputError(f"can't read {where}: {error.strerror}; check the path") from None
    if len(content) > MAX_BYTES:
        raise InputError(f"{path} is longer than {MAX_BYTES:,} bytes; expected a short JSON file")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text; expected JSON") from None
    return parse(text, str(path))


class _RefusedError(ValueError):
    """JSON that Python's parser would take; the message says what to do."""


def _check_depth(text: str) -> None:
    depth = 0
    for match in _STRUCTURE.finditer(text):
        piece = match.group()
        if piece in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _RefusedError(f"nested deeper than {MAX_DEPTH} levels; expected plain JSON")
        elif piece in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _RefusedError(f"the key {shown(name)} stands twice in one object; say it once")
        found[name] = value
    return found


def _no_constant(name: str) -> float:
    raise _RefusedError(f"{name} is no JSON number; expected a finite one")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _RefusedError(f"{shown(digits)} is too large for a float64")
    return value


def _short(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _RefusedError(
            f"a whole number has {len(digits):,} characters; expected at most {MAX_DIGITS}"
        )
    return int(digits)
