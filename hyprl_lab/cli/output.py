"""What a command prints: one JSON object, or a table for people.

With `--json` a command writes exactly one JSON object to standard output. Everything else (steps,
progress bars, warnings) goes to standard error, so output can always be piped.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from hyprl_lab.types import JsonValue

__all__ = ["Payload", "emit", "facts", "literal", "note", "plain", "table", "text"]

Payload: TypeAlias = Mapping[str, object]


def plain(value: object) -> JsonValue:
    """Return a value as JSON can hold it.

    Parameters
    ----------
    value
        Mappings, sequences, NumPy scalars and arrays, paths, timestamps, numbers, text, bytes.

    Returns
    -------
    JsonValue
        NaN and infinities become `None`: JSON has no such numbers, and a metric that is
        undefined is `None` with its reason beside it. Bytes are written in hexadecimal.

    Raises
    ------
    TypeError
        The value is of a type that has no JSON form.

    Examples
    --------
    >>> plain({"sharpe": float("nan"), "trades": np.int64(3)})
    {'sharpe': None, 'trades': 3}
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Sequence | set | frozenset):
        return [plain(item) for item in value]
    isoformat = getattr(value, "isoformat", None)
    if callable(isoformat):
        return str(isoformat())
    raise TypeError(f"{type(value).__name__} has no JSON form: {value!r}")


def emit(
    payload: Payload, *, as_json: bool, view: Callable[[], Iterable[RenderableType]] | None = None
) -> None:
    """Print a command's answer.

    Parameters
    ----------
    payload
        The answer, as `--json` prints it.
    as_json
        Print the payload as one JSON object and nothing else.
    view
        Makes what people see in its place; without it, `facts(payload)`.
    """
    if as_json:
        sys.stdout.write(json.dumps(plain(payload), allow_nan=False, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    console = _console(stderr=False)
    for renderable in [facts(payload)] if view is None else view():
        console.print(renderable)


def note(message: str) -> None:
    """Tell the person something on standard error."""
    _console(stderr=True).print(message, highlight=False, markup=False)


def facts(payload: Payload, *, title: str | None = None) -> RenderableType:
    """Return one name and value a line, never wrapped; nested mappings are left out."""
    from rich.text import Text

    rows = [(name, value) for name, value in payload.items() if not isinstance(value, Mapping)]
    width = max((len(name) for name, _ in rows), default=0)
    lines = [] if title is None else [title, ""]
    lines += [f"{name.replace('_', ' '):<{width}}  {text(value)}" for name, value in rows]
    return Text("\n".join(lines))


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None
) -> RenderableType:
    """Return a table for people; numbers are rounded to six significant digits."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    result = Table(title=title, title_justify="left", box=SIMPLE_HEAD, show_header=any(columns))
    for name in columns:
        result.add_column(name, overflow="fold")
    for row in rows:
        result.add_row(*(Text(text(value)) for value in row))
    return result


def text(value: object) -> str:
    """Return a value as people read it.

    Examples
    --------
    >>> text(0.123456789), text(1234567), text(None), text([1.5, 2])
    ('0.123457', '1,234,567', '-', '1.5, 2')
    """
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(text(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={text(item)}" for name, item in value.items())
    return str(value)


def literal(message: str) -> RenderableType:
    """Return text to be shown as it is: brackets in it are no markup."""
    from rich.text import Text

    return Text(message)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    console = Console(stderr=stderr, soft_wrap=True)
    if not console.is_terminal:
        console.width = 200  # a file or a pipe has no width of its own
    return console
