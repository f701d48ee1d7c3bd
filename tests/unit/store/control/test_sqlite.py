from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store import Warehouse
from hyprl_lab.store.control import sqlite as module
from hyprl_lab.store.control.database import Control
from hyprl_lab.store.control.migrations import migrations
from hyprl_lab.store.control.sqlite import WAL_SAFE, sqlite_module

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sqlite"


@pytest.fixture
def control(path: Path) -> Iterator[Control]:
    opened = Control(path)
    yield opened
    opened.close()


def pragma(control: Control, name: str) -> object:
    with control.engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_it_is_named_by_its_path(control: Control, path: Path) -> None:
    assert (control.backend, control.name, control.path) == ("sqlite", str(path), path)


def test_commits_are_durable_and_the_log_is_safe(control: Control) -> None:
    driver, journal = sqlite_module()
    assert (journal == "WAL") == (driver.sqlite_version_info >= WAL_SAFE)
    assert pragma(control, "journal_mode") == journal.lower()
    assert pragma(control, "synchronous") == 2  # FULL
    assert pragma(control, "foreign_keys") == 1


def test_an_old_sqlite_keeps_a_rollback_journal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    monkeypatch.setattr(module, "sqlite_module", lambda: (sqlite3, "TRUNCATE"))
    control = Control(path)
    assert pragma(control, "journal_mode") == "truncate"
    with control.write() as transaction:
        transaction.execute("meta.put", key="k", value="v")
    with control.read() as transaction:
        assert transaction.row("meta.get", key="k") == {"value": "v"}
    control.close()


def test_without_pysqlite3_the_standard_library_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    import sqlite3

    monkeypatch.setitem(sys.modules, "pysqlite3.dbapi2", None)
    driver, journal = sqlite_module()
    assert driver is sqlite3
    assert (journal == "WAL") == (sqlite3.sqlite_version_info >= WAL_SAFE)


def test_opening_again_changes_nothing(control: Control, path: Path) -> None:
    before = path.read_bytes()
    again = Control(path)
    with again.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT version, name FROM schema_migrations").all()
    assert [tuple(row) for row in rows] == migrations()
    assert path.read_bytes() == before
    again.close()


@pytest.mark.parametrize("begin", [Control.read, Control.write])
def test_a_database_that_was_removed_is_not_made_anew(
    control: Control, path: Path, begin: Callable[[Control], AbstractContextManager[object]]
) -> None:
    path.rename(path.with_suffix(".old"))
    with (
        pytest.raises(WarehouseError, match="removed or replaced while it was open"),
        begin(control),
    ):
        pass
    assert not path.exists()


def test_what_is_not_a_database_is_refused(path: Path) -> None:
    path.write_bytes(b"this is no database, just text" * 100)
    with pytest.raises(WarehouseError, match="not a database"):
        Control(path)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    folder.chmod(0o500)
    tmp_path.chmod(0o755)
    root = os.geteuid() == 0  # who may write anywhere, so be somebody else for a moment
    if root:
        os.seteuid(65534)
    try:
        with pytest.raises(WarehouseError, match=r"home.*HYPRL_HOME"):
            Warehouse(folder).status()
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)


def test_it_has_no_locks_of_a_session(control: Control) -> None:
    with pytest.raises(WarehouseError, match="SQLite file"), control.shared_lock(1):
        pass
    with pytest.raises(WarehouseError, match="SQLite file"):
        control.shared_locks()


@pytest.mark.sqlite_only
def test_a_new_file_is_the_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        control = Control(tmp_path / "control.sqlite")
        with control.read():
            pass
        control.close()
    finally:
        os.umask(before)
    assert (tmp_path / "control.sqlite").stat().st_mode & 0o777 == 0o600
