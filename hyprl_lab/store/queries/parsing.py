"""What a query is, and which views it names, before anything is opened for it."""

from __future__ import annotations

import atexit
import os
import re
import threading
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import InputError
from hyprl_lab.store.queries.catalog import VIEWS
from hyprl_lab.store.queries.forked import leave_to_parent

if TYPE_CHECKING:
    import duckdb

__all__ = ["check_functions", "check_length", "check_select", "named"]

MAX_CHARACTERS: Final = 100_000
"""The longest query: DuckDB's planner takes minutes for a longer one, and nothing stops it."""

_NAMES_ANOTHER: Final = frozenset({"query", "query_table", "json_execute_serialized_sql"})
"""Functions that read a table whose name is made as the query runs."""

_REFUSED: Final = frozenset(
    {
        *("from_json", "from_json_strict", "json_transform", "json_transform_strict"),
        *("query", "json_execute_serialized_sql"),
    }
)
"""Functions that end the process on a text that is nested deep enough, and those that run a text
as SQL, which could name them."""

_REFUSED_TYPE: Final = "variant"
"""A type that ends the process likewise, when deep JSON is cast to it."""

_NAME: Final = re.compile(
    r'"(function_name|type_name|table_name|error)":(?:"((?:[^"\\]|\\.)*)"|(true))'
)
"""A name in a parsed query. Within a text every quote has a backslash, so no text looks like it."""

_TREE: Final = "SELECT json_serialize_sql(?)"


def check_select(query: str) -> None:
    """Refuse what is not one SELECT, or could end the process.

    Raises
    ------
    InputError
        It is no SQL, another statement, several, longer than 100,000 characters, or names a
        function that is not offered here.
    """
    import duckdb

    check_length(query, "the query")
    try:
        with _lock:
            kinds = [statement.type for statement in _parser().extract_statements(query)]
    except duckdb.Error as error:
        raise InputError(f"this is not a query: {error}") from error
    if kinds != [duckdb.StatementType.SELECT]:
        found = ", ".join(kind.name for kind in kinds) or "nothing"
        raise InputError(
            f"found {found}; expected one SELECT: the warehouse is read-only here, and is "
            "written through its own calls"
        )
    check_functions(query)


def check_length(text: str, name: str) -> None:
    """Refuse a text that is too long to be planned.

    Raises
    ------
    InputError
        It has more than 100,000 characters.
    """
    if len(text) > MAX_CHARACTERS:
        raise InputError(
            f"{name} has {len(text):,} characters; expected {MAX_CHARACTERS:,} at most: many "
            "values go in as one parameter, a list"
        )


def check_functions(query: str) -> None:
    """Refuse functions and types that end the process when their text is nested deep enough.

    DuckDB's parser says which are named. Of a query that it has no tree for every word counts.

    Raises
    ------
    InputError
        One is named.
    """
    names = _names(query)
    if names is None:
        words = {word.lower() for word in re.findall(r"\w+", query)}
        found = words & {*_REFUSED, _REFUSED_TYPE, "u"}  # U&"..." spells a name another way
    else:
        found = names["function_name"] & _REFUSED | names["type_name"] & {_REFUSED_TYPE}
    if found:
        raise InputError(
            f"{min(found)} is not offered here: {', '.join(sorted(_REFUSED))} and the type "
            f"{_REFUSED_TYPE} can end this process; take values out of JSON with -> and ->>"
        )


def named(query: str) -> tuple[str, ...]:
    """Return the views that a SELECT reads, or more than those where that can't be told.

    A column of a view's name is none: `runs.trades` doesn't read the view `trades`.

    Examples
    --------
    >>> named('SELECT trades FROM "Runs" WHERE trades > $n')
    ('runs',)
    >>> named("SELECT * FROM query_table('tri' || 'als')")
    ()
    """
    names = _names(query)
    if names is None or names["function_name"] & _NAMES_ANOTHER:
        tables = set(re.findall(r"\w+", query.lower()))
    else:
        tables = names["table_name"]
    return tuple(view for view in VIEWS if view in tables)


def _names(query: str) -> dict[str, set[str]] | None:
    """Return what a parsed query names, in lower case; `None` where there is no tree of it.

    The tree is searched as text: one that is nested deeper than Python goes is read as any other.
    """
    with _lock:
        row = _parser().execute(_TREE, [query]).fetchone()
    found: dict[str, set[str]] = {"function_name": set(), "type_name": set(), "table_name": set()}
    if row is None:
        return None
    for kind, name, is_error in _NAME.findall(row[0]):
        if is_error:
            return None
        if kind in found:
            found[kind].add(name.lower())
    return found


_lock: Final = threading.Lock()
_parsers: Final[dict[int, duckdb.DuckDBPyConnection]] = {}
"""By process: a fork leaves its parent's alone. It has no threads of its own."""


def _parser() -> duckdb.DuckDBPyConnection:
    """Return a database that holds nothing and can read nothing, to parse with."""
    import duckdb

    found = _parsers.get(os.getpid())
    if found is None:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": 1,
            "temp_directory": "",
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        found = duckdb.connect(":memory:", config=config)
        found.execute("SET enable_external_access = false")
        found.execute("SET lock_configuration = true")
        _parsers[os.getpid()] = found
        atexit.register(_close, found, os.getpid())
    return found


def _close(parser: duckdb.DuckDBPyConnection, pid: int) -> None:
    """Close a parser, in the process that opened it."""
    if pid == os.getpid():
        parser.close()
    else:
        leave_to_parent(parser)
