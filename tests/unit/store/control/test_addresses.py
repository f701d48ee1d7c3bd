from __future__ import annotations

from pathlib import Path

import pytest

from hyprl_lab.errors import ConfigError
from hyprl_lab.store.control.addresses import chosen

OWN = Path("/home/me/control.sqlite")


@pytest.fixture(autouse=True)
def _no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYPRL_DATABASE_URL", raising=False)
    monkeypatch.delenv("HYPRL_CONTROL_URL", raising=False)


def test_the_home_has_its_own_file() -> None:
    address = chosen(OWN)
    assert (address.backend, address.name, address.path) == ("sqlite", str(OWN), OWN)
    assert address.url.database == str(OWN)


def test_another_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HYPRL_DATABASE_URL", f"sqlite:///{tmp_path}/a/../other.sqlite")
    address = chosen(OWN)
    assert address.path == tmp_path / "other.sqlite"
    assert address.name == str(tmp_path / "other.sqlite")


def test_the_warehouse_has_an_address_before_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYPRL_DATABASE_URL", "postgresql://localhost/all")
    monkeypatch.setenv("HYPRL_CONTROL_URL", "postgresql://localhost/lab")
    assert chosen(OWN).name == "postgresql://localhost/lab"
    monkeypatch.setenv("HYPRL_CONTROL_URL", " ")
    assert chosen(OWN).name == "postgresql://localhost/all"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://me:secret@db.example/lab", "postgresql://db.example/lab"),
        ("postgres://me:secret@db.example:5433/lab", "postgresql://db.example:5433/lab"),
        ("postgresql+psycopg://db/lab?sslmode=require&password=secret", "postgresql://db/lab"),
        ("postgresql://me@/lab?host=/run/postgresql", "postgresql:///run/postgresql/lab"),
        ("postgresql:///lab?host=a&host=b", "postgresql://a,b/lab"),
    ],
)
def test_postgresql_is_named_without_user_and_password(
    monkeypatch: pytest.MonkeyPatch, url: str, name: str
) -> None:
    monkeypatch.setenv("HYPRL_DATABASE_URL", url)
    address = chosen(OWN)
    assert (address.backend, address.name, address.path) == ("postgresql", name, None)
    assert address.url.drivername == "postgresql+psycopg"
    if "me:secret" in url:
        assert address.url.password == "secret"
        assert "secret" not in repr(address)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite://", "SQLite database without a file"),
        ("sqlite:///:memory:", "SQLite database without a file"),
        ("nonsense of secret", "not a database address"),
        ("postgresql://me:secret@host:port/lab", "not a database address"),
        ("postgresql://me:secret@host", "no database of it"),
        ("postgresql+asyncpg://me:secret@host/lab", "names a postgresql.asyncpg database"),
        ("mysql://me:secret@host/lab", "names a mysql database"),
    ],
)
def test_other_databases_are_refused(
    monkeypatch: pytest.MonkeyPatch, url: str, message: str
) -> None:
    monkeypatch.setenv("HYPRL_CONTROL_URL", url)
    with pytest.raises(ConfigError, match=rf"HYPRL_CONTROL_URL .*{message}.*expected") as caught:
        chosen(OWN)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    ["postgresql://me:p@hunter2@host/lab", "postgresql://me:p@s/hunter2@host/lab"],
)
def test_an_at_sign_in_a_password_is_not_shown(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HYPRL_CONTROL_URL", address)
    with pytest.raises(ConfigError, match="%40") as raised:
        chosen(tmp_path / "control.sqlite")
    assert "hunter2" not in str(raised.value)


def test_the_query_part_is_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HYPRL_CONTROL_URL", "postgresql://me@host/lab?password=hunter2")
    found = chosen(tmp_path / "control.sqlite")
    assert found.name == "postgresql://host/lab"
    assert "hunter2" not in repr(found)
