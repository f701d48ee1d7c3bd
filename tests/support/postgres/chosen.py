"""The database that a test's warehouse is on, told to it by the environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from postgres.databases import Databases

__all__ = ["Chosen"]

VARIABLES = ("HYPRL_CONTROL_URL", "HYPRL_DATABASE_URL")


class Chosen:
    """One kind of database for one test; `HYPRL_DATABASE_URL` names it.

    Parameters
    ----------
    patch
        Changes the environment for as long as the test runs.
    databases
        Where new ones come from; `None` for SQLite files, one in each home.
    """

    def __init__(self, patch: pytest.MonkeyPatch, databases: Databases | None) -> None:
        self._patch = patch
        self._databases = databases
        self._made: list[str] = []
        for name in VARIABLES:
            patch.delenv(name, raising=False)
        if databases is not None:
            self.use(databases.server.url(databases.lend()))

    @property
    def backend(self) -> str:
        """`sqlite` or `postgresql`."""
        return "sqlite" if self._databases is None else "postgresql"

    @property
    def url(self) -> str | None:
        """The address in use; `None` where each home has an SQLite file."""
        return os.environ.get("HYPRL_DATABASE_URL")

    def fresh(self, *, migrated: bool = True) -> str | None:
        """Turn to a new, empty database, for another home; return the address before it."""
        before = self.url
        if self._databases is not None:
            name = self._databases.new(migrated=migrated)
            self._made.append(name)
            self.use(self._databases.server.url(name))
        return before

    def use(self, url: str | None) -> None:
        """Turn to an address that `url` or `fresh` gave."""
        if url is not None:
            self._patch.setenv("HYPRL_DATABASE_URL", url)

    def close(self) -> None:
        """Drop what `fresh` made."""
        if self._databases is not None:
            for name in self._made:
                self._databases.drop(name)
