"""The schema in words: the views a query reads, and the tables of the control database.

All of it comes from what the lab runs: views from an empty warehouse, tables from a database that
every migration was applied to, their descriptions from the comments in those files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hyprl_lab import resources
from hyprl_lab.store.control import migrations
from hyprl_lab.store.queries.catalog import CATALOG, VIEWS
from hyprl_lab.store.queries.locked import open_database
from hyprl_lab.store.queries.recorded import RECORDED, arrow
from hyprl_lab.store.queries.sources import ARTIFACTS, Sources
from hyprl_lab.store.queries.views import create

if TYPE_CHECKING:
    from sqlalchemy import Inspector

__all__ = ["Column", "Described", "described_tables", "described_views", "schema_page"]

_STATEMENT: Final = re.compile(
    r"^(?P<comment>(?:^--[^\n]*\n)*)^(?:CREATE TABLE|ALTER TABLE) (?P<table>\w+)", re.MULTILINE
)
_INTRODUCTION: Final = (
    "# The warehouse's schema",
    (
        "Made by `hyprl warehouse schema`; a test compares. [The warehouse](warehouse.md) says how "
        "to use it."
    ),
    "## Views",
    (
        "What `hl.warehouse.sql`, `hl.warehouse.pages` and `hyprl warehouse sql` read. A snapshot "
        "(`hyprl warehouse snapshot FILE`) has a table for each. Types are DuckDB's; times are UTC."
    ),
)
_TABLES: Final = (
    "## Tables of the control database",
    (
        "The same on SQLite and PostgreSQL; times are microseconds since the epoch, UTC. Nothing "
        "but the lab is meant to write here. Rows of `parts` name Parquet files in "
        "`warehouse/parts`, rows of `runs` folders in `artifacts`."
    ),
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a view or table.

    Parameters
    ----------
    name, type
        As the database has them.
    about
        What it is; of a table's columns, which key it belongs to.
    """

    name: str
    type: str
    about: str


@dataclass(frozen=True, slots=True)
class Described:
    """A view or table.

    Parameters
    ----------
    about
        A sentence or more; empty where there is nothing to say.
    """

    name: str
    about: str
    columns: tuple[Column, ...]


def schema_page() -> str:
    """Return the page `docs/warehouse-schema.md`.

    Examples
    --------
    >>> schema_page().splitlines()[0]
    "# The warehouse's schema"
    """
    blocks = [*_INTRODUCTION]
    blocks += [_block(view, "what it is") for view in described_views()]
    blocks += _TABLES
    blocks += [_block(table, "") for table in described_tables()]
    return "\n\n".join(blocks) + "\n"


def described_views() -> list[Described]:
    """Return the views with their columns.

    Examples
    --------
    >>> described_views()[0].name
    'backtests'
    """
    empty = {name: arrow(name, []) for name in RECORDED if name != "removed"}
    artifacts: dict[str, list[str]] = {view: [] for view in ARTIFACTS}
    connection = open_database()
    try:
        create(connection, Sources(VIEWS, artifacts=artifacts, tables=empty))
        found = []
        for name, view in CATALOG.items():
            columns = connection.execute(f"DESCRIBE {name}").fetchall()
            found.append(
                Described(
                    name,
                    view.about,
                    tuple(Column(row[0], row[1], view.meaning(row[0])) for row in columns),
                )
            )
        return found
    finally:
        connection.close()


def described_tables() -> list[Described]:
    """Return the tables of the control database with their columns.

    Examples
    --------
    >>> [table.name for table in described_tables()][:2]
    ['bar_sets', 'bar_sources']
    """
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.pool import StaticPool

    comments = _comments()
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.begin() as connection:
            migrations.apply(connection, "an empty database")
            found = inspect(connection)
            return [
                Described(name, " ".join(comments.get(name, [])), _columns(found, name))
                for name in sorted(found.get_table_names())
            ]
    finally:
        engine.dispose()


def _columns(found: Inspector, table: str) -> tuple[Column, ...]:
    key = found.get_pk_constraint(table)["constrained_columns"]
    unique = [
        column
        for constraint in found.get_unique_constraints(table)
        for column in constraint["column_names"]
        if len(constraint["column_names"]) == 1
    ]
    refers = {
        foreign["constrained_columns"][0]: f"`{foreign['referred_table']}`"
        for foreign in found.get_foreign_keys(table)
    }
    columns = []
    for column in found.get_columns(table):
        name = column["name"]
        notes = []
        if name in key:
            notes.append("primary key" if len(key) == 1 else "part of the primary key")
        if name in unique:
            notes.append("unique")
        if name in refers:
            notes.append(f"of {refers[name]}")
        if column["nullable"] and name not in key:
            notes.append("may be null")
        columns.append(Column(name, str(column["type"]), ", ".join(notes)))
    return tuple(columns)


def _comments() -> dict[str, list[str]]:
    """Return what migrations say above the statements that make or extend a table."""
    comments: dict[str, list[str]] = {}
    for _, file in migrations.migrations():
        for found in _STATEMENT.finditer(resources.read_text("warehouse", file)):
            lines = [line.removeprefix("--").strip() for line in found["comment"].splitlines()]
            if lines:
                comments.setdefault(found["table"], []).append(" ".join(lines))
    return comments


def _block(item: Described, third: str) -> str:
    """Return a heading, a description and a table of columns."""
    lines = [f"### `{item.name}`", ""]
    if item.about:
        lines += [item.about, ""]
    lines += [f"| column | type | {third} |", "|---|---|---|"]
    for column in item.columns:
        about = column.about.replace("|", "\\|")  # or Markdown would end the cell there
        lines.append(f"| `{column.name}` | {column.type} | {about} |")
    return "\n".join(lines)
