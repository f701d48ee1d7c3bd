"""Whether the database's tables are tables, and nothing works behind them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from hyprl_lab import resources
from hyprl_lab.store.control.migrations import migrations

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["differences", "tables"]

_CREATE: Final = re.compile(r"^CREATE TABLE (\w+)", re.MULTILINE)

_SQLITE: Final = "SELECT type, name, tbl_name FROM sqlite_master WHERE type <> 'index'"

_POSTGRESQL: Final = """
SELECT CASE table_type WHEN 'BASE TABLE' THEN 'table' ELSE lower(table_type) END, table_name,
    table_name
FROM information_schema.tables t WHERE table_schema = current_schema()
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.deptype = 'e'
        AND d.objid = to_regclass(quote_ident(t.table_schema) || '.' || quote_ident(t.table_name)))
UNION ALL
SELECT 'trigger', trigger_name, event_object_table FROM information_schema.triggers
WHERE event_object_schema = current_schema()
UNION ALL
SELECT 'rule', rulename, tablename FROM pg_rules WHERE schemaname = current_schema()
"""
"""What an extension brought is left out."""


@cache
def tables() -> frozenset[str]:
    """Return the names of the tables that the migrations make.

    Examples
    --------
    >>> "small_trials" in tables()
    True
    """
    files = (resources.read_text("warehouse", file) for _, file in migrations())
    return frozenset(name for text in files for name in _CREATE.findall(text))


def differences(connection: Connection) -> list[tuple[str, str]]:
    """Return tables that are missing or are none, views, and triggers and rules on our tables.

    Other tables are left alone: the accounts of the API may be in the same database.

    Returns
    -------
    The name of each, and what is wrong with it.
    """
    is_postgresql = connection.dialect.name == "postgresql"
    found = connection.exec_driver_sql(_POSTGRESQL if is_postgresql else _SQLITE).all()
    kinds = {name: kind for kind, name, _ in found if kind in ("table", "view")}
    wrong = [
        (name, f"it is {'a view' if name in kinds else 'missing'}; expected a table")
        for name in sorted(tables())
        if kinds.get(name) != "table"
    ]
    for kind, name, table in sorted(tuple(map(str, row)) for row in found):
        if kind == "view" and name not in tables():
            wrong.append((name, "a view that no migration makes"))
        elif kind in ("trigger", "rule") and table in tables():
            wrong.append((name, f"a {kind} on table {table} that no migration makes"))
    return wrong
