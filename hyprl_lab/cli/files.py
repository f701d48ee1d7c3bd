"""What people type about a file of bars: whether it is one, its columns, what to repair."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from hyprl_lab.cli.strict_json import parse
from hyprl_lab.errors import InputError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hyprl_lab.types import JsonValue

__all__ = ["columns_from", "is_file", "repairs_from"]

_NONE: Final = "null"
_ENDINGS: Final = {".csv", ".gz", ".parquet", ".tsv", ".txt"}


def is_file(source: str) -> bool:
    """Whether what was typed names a file rather than a set of bars.

    It does where it ends like one (`.csv`, `.gz`, `.parquet`, …) or holds a slash, there or not.

    Examples
    --------
    >>> is_file("spy.csv.gz"), is_file("data/spy"), is_file("sp500"), is_file("BRK.B")
    (True, True, False, False)
    """
    return "/" in source or Path(source).suffix.lower() in _ENDINGS


def columns_from(
    source: str | None,
) -> list[str | None] | dict[str, str | int | None] | None:
    """Return which column of a file is which, from names by position or ours=theirs.

    `null` in place of a name leaves a column out.

    Raises
    ------
    InputError
        The two are mixed, a name is given twice, or JSON is neither a list nor an object of names.

    Examples
    --------
    >>> columns_from("ts,open,high,low,close")
    ['ts', 'open', 'high', 'low', 'close']
    >>> columns_from("open=Price, close=3")
    {'open': 'Price', 'close': 3}
    >>> columns_from('{"open": "Price, paid", "note": null}')
    {'open': 'Price, paid', 'note': None}
    """
    if source is None:
        return None
    if source.lstrip().startswith(("{", "[")):
        return _columns_json(parse(source, "--columns", InputError))
    words = [word.strip() for word in source.split(",")]
    mapped = ["=" in word for word in words]
    if not any(mapped) and all(words):
        return [None if word == _NONE else word for word in words]
    if not all(mapped):
        raise InputError(
            f"--columns {shown(source)}: expected names by position, as in "
            "ts,open,high,low,close, or ours=theirs for each, as in open=Price,close=3"
        )
    found: dict[str, str | int | None] = {}
    for word in words:
        name, _, theirs = (part.strip() for part in word.partition("="))
        if not name or not theirs or name in found:
            raise InputError(
                f"--columns {shown(word)}: expected ours=theirs, each of ours once; a column of "
                "the file is named by its name, or by its position from 0"
            )
        placed = int(theirs) if theirs.isdecimal() and len(theirs) <= 4 else theirs
        found[name] = None if theirs == _NONE else placed
    return found


def _columns_json(data: JsonValue) -> list[str | None] | dict[str, str | int | None]:
    if isinstance(data, list) and all(isinstance(name, str | None) for name in data):
        return [None if name is None else str(name) for name in data]
    if isinstance(data, dict):
        named = {
            name: theirs for name, theirs in data.items() if isinstance(theirs, str | int | None)
        }
        if len(named) == len(data) and not any(isinstance(v, bool) for v in named.values()):
            return named
    raise InputError(
        '--columns: expected a JSON list of names, or an object as {"open": "Price", "close": 3}'
    )


def repairs_from(assignments: Iterable[str]) -> dict[str, str] | None:
    """Return repairs written as `kind=way`; `None` where there are none.

    Raises
    ------
    InputError
        One is malformed, or a kind is given twice.

    Examples
    --------
    >>> repairs_from(["duplicate_time=last", "ohlc_violation=widen"])
    {'duplicate_time': 'last', 'ohlc_violation': 'widen'}
    """
    found: dict[str, str] = {}
    for assignment in assignments:
        kind, _, way = (part.strip() for part in assignment.partition("="))
        if not kind or not way or kind in found:
            raise InputError(
                f"--repair {shown(assignment)}: expected kind=way, as in duplicate_time=last, each "
                "kind once"
            )
        found[kind] = way
    return found or None
