from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import ConfigError, IntegrityError, WarehouseError
from hyprl_lab.store import Warehouse
from hyprl_lab.store.control import database as module
from hyprl_lab.store.control.database import WAL_SAFE, Control, migrations, sqlite_module

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def control(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Control]:
    monkeypatch.delenv("HYPRL_DATABASE_URL", raising=False)
    opened = Control(tmp_path / "control.sqlite")
    yield opened
    opened.close()


def pragma(control: Control, name: str) -> object:
    with control.engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def test_commits_are_durable_and_the_log_is_safe(control: Control) -> None:
    driver, journal = sqlite_module()
    assert (journal == "WAL") == (driver.sqlite_version_info >= WAL_SAFE)
    assert pragma(control, "journal_mode") == journal.lower()
    assert pragma(control, "synchronous") == 2  # FULL
    assert pragma(control, "foreign_keys") == 1


def test_an_old_sqlite_keeps_a_rollback_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    monkeypatch.setattr(module, "sqlite_module", lambda: (sqlite3, "TRUNCATE"))
    control = Control(tmp_path / "control.sqlite")
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


def test_a_block_that_raises_is_undone(control: Control) -> None:
    def fail() -> None:
        with control.write() as transaction:
            transaction.execute("meta.put", key="k", value="v")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with control.read() as transaction:
        assert transaction.row("meta.get", key="k") is None


def test_writers_wait_for_each_other(control: Control) -> None:
    def add(_: int) -> None:
        with control.write() as transaction:
            row = transaction.row("meta.get", key="n") or {"value": "0"}
            transaction.execute("meta.put", key="n", value=str(int(row["value"]) + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(100)))
    with control.read() as transaction:
        assert transaction.row("meta.get", key="n") == {"value": "100"}


def test_a_reader_sees_one_state(control: Control) -> None:
    with control.read() as reader:
        assert reader.row("meta.get", key="k") is None
        with control.write() as writer:
            writer.execute("meta.put", key="k", value="v")
        assert reader.row("meta.get", key="k") is None
    with control.read() as reader:
        assert reader.row("meta.get", key="k") == {"value": "v"}


def test_opening_again_changes_nothing(control: Control) -> None:
    before = control.path.read_bytes()
    again = Control(control.path)
    with again.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT version, name FROM schema_migrations").all()
    assert [tuple(row) for row in rows] == migrations()
    assert control.path.read_bytes() == before
    again.close()


@pytest.mark.parametrize(
    "damage", ["DELETE FROM schema_migrations", "INSERT INTO schema_migrations VALUES ('x', '', 0)"]
)
def test_a_schema_without_a_version_is_refused(control: Control, damage: str) -> None:
    with control.engine.connect() as connection, connection.begin():
        if "INSERT" in damage:  # a column without the affinity of a number
            connection.exec_driver_sql("DROP TABLE schema_migrations")
            connection.exec_driver_sql("CREATE TABLE schema_migrations (version, name, applied_at)")
        connection.exec_driver_sql(damage)
    with pytest.raises(IntegrityError, match="expected a version"):
        Control(control.path)


def test_a_newer_schema_is_refused(control: Control) -> None:
    with control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("INSERT INTO schema_migrations VALUES (99, 'later.sql', 0)")
    with pytest.raises(WarehouseError, match=r"schema 99.*newer lab.*knows up to 2.*upgrade"):
        Control(control.path)


def test_an_older_schema_gets_what_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "migrations", lambda: migrations()[:1])
        older = Control(tmp_path / "control.sqlite")
        with older.write() as transaction:
            transaction.execute("meta.put", key="ledger_id", value="v")
        older.close()
    newer = Control(older.path)
    with newer.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT version, name FROM schema_migrations").all()
    assert [tuple(row) for row in rows] == [(1, "schema/001_init.sql"), (2, "schema/002_bars.sql")]
    with newer.read() as transaction:
        assert transaction.row("meta.get", key="ledger_id") == {"value": "v"}
        assert transaction.rows("bars.all") == []
        assert transaction.rows("bars.sources", set_seq=0) == []
    newer.close()


def test_a_half_made_schema_is_never_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "control.sqlite"
    real = module.resources.read_text
    monkeypatch.setattr(
        module.resources,
        "read_text",
        lambda *name: real(*name) + "CREATE TABLE meta (again TEXT);\n",
    )
    with pytest.raises(WarehouseError, match="already exists"):
        Control(path)
    monkeypatch.undo()
    control = Control(path)
    with control.read() as transaction:
        assert transaction.rows("parts.live") == []
    control.close()


def test_many_processes_open_a_new_one_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from hyprl_lab.store import Warehouse; print(Warehouse(sys.argv[1]).ledger_id)"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "home")], stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    ids = {process.communicate()[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 4
    assert len(ids) == 1


def test_a_forked_child_gets_its_own_connections(control: Control) -> None:
    with control.write() as transaction:
        transaction.execute("meta.put", key="k", value="parent")
    pid = os.fork()
    if not pid:
        try:
            with control.write() as transaction:
                transaction.execute("meta.put", key="k", value="child")
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    with control.read() as transaction:
        assert transaction.row("meta.get", key="k") == {"value": "child"}


def test_a_database_that_was_replaced_is_not_written(control: Control) -> None:
    control.path.rename(control.path.with_suffix(".old"))
    with (
        pytest.raises(WarehouseError, match="removed or replaced while it was open"),
        control.write(),
    ):
        pass


def test_what_is_not_a_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "control.sqlite").write_bytes(b"this is no database, just text" * 100)
    with pytest.raises(WarehouseError, match="not a database"):
        Control(tmp_path / "control.sqlite")


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


def test_the_address_may_name_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPRL_DATABASE_URL", f"sqlite:///{tmp_path}/other.sqlite")
    control = Control(tmp_path / "control.sqlite")
    assert control.path == tmp_path / "other.sqlite"
    control.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://localhost/lab", "postgresql database"),
        ("sqlite://", "sqlite database"),
        ("nonsense", "not a database address"),
    ],
)
def test_other_databases_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, message: str
) -> None:
    monkeypatch.setenv("HYPRL_DATABASE_URL", url)
    with pytest.raises(ConfigError, match=message):
        Control(tmp_path / "control.sqlite")
