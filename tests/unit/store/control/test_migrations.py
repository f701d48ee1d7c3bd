from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.store.control import migrations as module
from hyprl_lab.store.control.database import Control
from hyprl_lab.store.control.migrations import migrations

if TYPE_CHECKING:
    from pathlib import Path

    from postgres import Chosen


@pytest.fixture
def path(tmp_path: Path, database: Chosen) -> Path:
    """Where a control database is that has no schema yet."""
    database.fresh(migrated=False)
    return tmp_path / "control.sqlite"


def versions(control: Control) -> list[tuple[int, str]]:
    with control.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT version, name FROM schema_migrations ORDER BY version"
        )
        return [(version, name) for version, name in rows]


def test_they_are_numbered_without_a_gap() -> None:
    numbers = [number for number, _ in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 3


def test_a_new_database_gets_them_all(path: Path) -> None:
    control = Control(path)
    assert versions(control) == migrations()
    control.close()


def test_an_older_schema_gets_what_it_lacks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "migrations", lambda: migrations()[:1])
        older = Control(path)
        assert versions(older) == [(1, "schema/001_init.sql")]
        with older.write() as transaction:
            transaction.execute("meta.put", key="ledger_id", value="v")
        older.close()
    newer = Control(path)
    assert versions(newer) == migrations()
    with newer.read() as transaction:
        assert transaction.row("meta.get", key="ledger_id") == {"value": "v"}
        assert transaction.rows("bars.all") == []
    newer.close()


def test_a_newer_schema_is_refused(path: Path) -> None:
    control = Control(path)
    with control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("INSERT INTO schema_migrations VALUES (99, 'later.sql', 0)")
    control.close()
    newest = migrations()[-1][0]
    with pytest.raises(
        WarehouseError, match=rf"schema 99.*newer lab.*knows up to {newest}: upgrade"
    ):
        Control(path)


@pytest.mark.parametrize(
    "damage", ["DELETE FROM schema_migrations", "INSERT INTO schema_migrations VALUES ('x', '', 0)"]
)
def test_a_schema_without_a_version_is_refused(path: Path, damage: str) -> None:
    control = Control(path)
    with control.engine.connect() as connection, connection.begin():
        if "INSERT" in damage:  # another application's table of that name
            connection.exec_driver_sql("DROP TABLE schema_migrations")
            connection.exec_driver_sql(
                "CREATE TABLE schema_migrations (version TEXT, name TEXT, applied_at TEXT)"
            )
        connection.exec_driver_sql(damage)
    control.close()
    with pytest.raises(IntegrityError, match="expected a version"):
        Control(path)


def test_a_half_made_schema_is_never_seen(path: Path) -> None:
    real = module.resources.read_text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            module.resources,
            "read_text",
            lambda *name: real(*name) + "CREATE TABLE meta (again TEXT);\n",
        )
        with pytest.raises(WarehouseError, match="already exists"):
            Control(path)
    control = Control(path)
    with control.read() as transaction:
        assert transaction.rows("parts.live") == []
    control.close()


def test_a_per_cent_sign_is_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "CREATE TABLE odd (name TEXT DEFAULT '100 %s');\nINSERT INTO odd DEFAULT VALUES;\n"
    real = module.resources.read_text
    monkeypatch.setattr(module, "migrations", lambda: [*migrations(), (99, "schema/099_odd.sql")])
    monkeypatch.setattr(
        module.resources,
        "read_text",
        lambda package, name: text if "099" in name else real(package, name),
    )
    control = Control(path)
    with control.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name FROM odd").scalar_one() == "100 %s"
    control.close()
