"""Who changes things behind the lab's back, and can put everything back as it was."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from hyprl_lab.store.control.sqlite import sqlite_module

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.store import Warehouse

__all__ = ["TABLES", "Hand", "Row"]

Row = dict[str, Any]

TABLES: Final = {
    "runs": ("seq",),
    "chain": ("seq",),
    "run_artifacts": ("run_seq", "name", "revision"),
    "removals": ("run_seq", "file"),
    "verdicts": ("id",),
    "environments": ("hash",),
    "run_states": ("run_id",),
}
"""The tables that are changed, and their keys; `runs` first, which others refer to."""


KEYS: Final = ("keys", "trusted")
"""The folders of the keys."""


class Hand:
    """An intruder with write access to the files and the database, and no key.

    Parameters
    ----------
    warehouse
        What is tampered with.
    kept
        Where a copy of the files is kept.
    """

    def __init__(self, warehouse: Warehouse, kept: Path) -> None:
        self.home = warehouse.home
        self.runs = warehouse.home / "artifacts"
        self.checkpoint = warehouse.home / "checkpoint.json"
        self._kept = kept
        url = warehouse.control.engine.url
        given = {"module": sqlite_module()[0]} if warehouse.control.backend == "sqlite" else {}
        self._engine = create_engine(url, poolclass=NullPool, **given)
        self._is_postgres = warehouse.control.backend == "postgresql"
        shutil.copytree(self.runs, kept / "artifacts")
        shutil.copy(self.checkpoint, kept / "checkpoint.json")
        for name in KEYS:
            shutil.copytree(self.home / name, kept / name)
        self.rows: dict[str, list[Row]] = {table: self._read(table) for table in TABLES}
        self._touched: set[str] = set()

    def run(self, *statements: tuple[str, Row]) -> None:
        """Run statements in one transaction, without foreign keys."""
        with self._engine.connect() as connection, connection.begin():
            if self._is_postgres:
                connection.execute(text("SET session_replication_role = replica"))
            for sql, values in statements:
                connection.execute(text(sql), values)

    def update(self, table: str, row: Row, **change: Any) -> None:
        """Change columns of a row."""
        self.run(self.updating(table, row, **change))

    def updating(self, table: str, row: Row, **change: Any) -> tuple[str, Row]:
        """Return the statement of `update`."""
        self._touched.add(table)
        sets = ", ".join(f"{name} = :new_{name}" for name in change)
        where = " AND ".join(f"{name} = :{name}" for name in TABLES[table])
        values = {f"new_{name}": value for name, value in change.items()}
        key = {name: row[name] for name in TABLES[table]}
        return f"UPDATE {table} SET {sets} WHERE {where}", {**values, **key}

    def deleting(self, table: str, row: Row) -> tuple[str, Row]:
        """Return the statement that deletes a row."""
        self._touched.add(table)
        where = " AND ".join(f"{name} = :{name}" for name in TABLES[table])
        return f"DELETE FROM {table} WHERE {where}", {name: row[name] for name in TABLES[table]}

    def inserting(self, table: str, row: Row) -> tuple[str, Row]:
        """Return the statement that inserts a row."""
        self._touched.add(table)
        marks = ", ".join(f":{name}" for name in row)
        return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row

    def noting(self, key: str, value: str) -> tuple[str, Row]:
        """Return the statement that puts a row into table `meta`."""
        return "INSERT INTO meta (key, value) VALUES (:key, :value)", {"key": key, "value": value}

    def restore(self) -> None:
        """Put everything back."""
        shutil.rmtree(self.runs)
        shutil.copytree(self._kept / "artifacts", self.runs, symlinks=True)
        self.checkpoint.unlink(missing_ok=True)
        shutil.copy(self._kept / "checkpoint.json", self.checkpoint)
        for name in KEYS:
            shutil.rmtree(self.home / name)
            shutil.copytree(self._kept / name, self.home / name)
        tables = [table for table in TABLES if table in self._touched]
        statements: list[tuple[str, Row]] = [(f"DELETE FROM {table}", {}) for table in tables]
        statements.append(("DELETE FROM meta WHERE key IN ('unclaimed', 'attaching:forged')", {}))
        for table in tables:
            statements.extend(self.inserting(table, row) for row in self.rows[table])
        self.run(*statements)
        self._touched.clear()

    def _read(self, table: str) -> list[Row]:
        order = ", ".join(TABLES[table])
        with self._engine.connect() as connection:
            found = connection.execute(text(f"SELECT * FROM {table} ORDER BY {order}"))
            return [dict(row) for row in found.mappings()]
