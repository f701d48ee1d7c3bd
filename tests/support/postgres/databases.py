"""Databases of one server, each a copy of a template that has the newest schema."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING
from unittest.mock import patch

if TYPE_CHECKING:
    from pathlib import Path

    from postgres.server import Server

__all__ = ["Databases"]

TEMPLATE = "hyprl_template"


class Databases:
    """Makes databases and drops them.

    Parameters
    ----------
    server
        Running.
    scratch
        A folder for what a control database needs beside it.
    """

    def __init__(self, server: Server, scratch: Path) -> None:
        from hyprl_lab.store.control import Control

        self.server = server
        self._numbers = itertools.count()
        self._admin = server.connect()
        self._lent: tuple[str, str] | None = None
        self._admin.execute(f"CREATE DATABASE {TEMPLATE}")
        with patch.dict(os.environ, HYPRL_CONTROL_URL=server.url(TEMPLATE)):
            Control(scratch / "control.sqlite").close()

    def new(self, *, migrated: bool = True) -> str:
        """Make an empty database with the newest schema, or without any; return its name."""
        name = f"hyprl_{os.getpid()}_{next(self._numbers)}"
        template = TEMPLATE if migrated else "template1"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def lend(self) -> str:
        """Return the name of an empty database; the last one again if nothing was written."""
        if self._lent is not None:
            name, position = self._lent
            if position == self._position():
                return name
            self.drop(name)
        name = self.new()
        self._lent = name, self._position()
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected to it."""
        self._admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        """Let go of the server."""
        self._admin.close()

    def _position(self) -> str:
        """How far the server's log was written: the same if nothing was, in any database."""
        row = self._admin.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
        return str(row[0])
