from __future__ import annotations

import os
import signal
import socket
import sys
import time
from typing import TYPE_CHECKING

import postgres
import pytest

from hyprl_lab.errors import ConfigError, WarehouseError
from hyprl_lab.store.control import postgresql as module
from hyprl_lab.store.control.database import Control

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from postgres import Databases


@pytest.fixture
def name(databases: Databases) -> Iterator[str]:
    """A database with the newest schema."""
    made = databases.new()
    yield made
    databases.drop(made)


@pytest.fixture
def open_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Control]]:
    opened: list[Control] = []
    monkeypatch.delenv("HYPRL_CONTROL_URL", raising=False)

    def open_it(url: str) -> Control:
        monkeypatch.setenv("HYPRL_DATABASE_URL", url)
        opened.append(Control(tmp_path / "control.sqlite"))
        return opened[-1]

    yield open_it
    for control in opened:
        control.close()


@pytest.fixture
def control(databases: Databases, name: str, open_at: Callable[[str], Control]) -> Control:
    return open_at(databases.server.url(name))


def put(control: Control, key: str) -> None:
    with control.write() as transaction:
        transaction.execute("meta.put", key=key, value="v")


def has(control: Control, key: str) -> bool:
    with control.read() as transaction:
        return transaction.row("meta.get", key=key) is not None


def test_it_is_named_by_its_server(
    databases: Databases, name: str, open_at: Callable[[str], Control]
) -> None:
    control = open_at(databases.server.loopback(name))
    assert control.backend == "postgresql"
    assert control.name == f"postgresql://127.0.0.1:{databases.server.port}/{name}"
    assert control.path is None
    put(control, "k")
    assert has(control, "k")


def test_transactions_are_what_is_needed_whatever_the_server_prefers(
    databases: Databases, name: str, open_at: Callable[[str], Control]
) -> None:
    def shown(connection: object, setting: str) -> object:
        return connection.exec_driver_sql(f"SHOW {setting}").scalar_one()  # type: ignore[attr-defined]

    with databases.server.connect(name) as admin:
        for setting, preferred in (
            ("synchronous_commit", "off"),
            ("default_transaction_isolation", "serializable"),
            ("default_transaction_read_only", "on"),
        ):
            admin.execute(f"ALTER DATABASE {name} SET {setting} = '{preferred}'")
    control = open_at(databases.server.url(name))
    with control.write() as transaction:
        writer = transaction._connection
        assert shown(writer, "synchronous_commit") == "on"
        assert shown(writer, "transaction_isolation") == "read committed"
        assert shown(writer, "transaction_read_only") == "off"
        assert shown(writer, "lock_timeout") == "30s"
    with control.read() as transaction:
        assert shown(transaction._connection, "transaction_isolation") == "repeatable read"
        assert shown(transaction._connection, "transaction_read_only") == "on"


def test_a_reader_can_not_write(control: Control) -> None:
    with (
        pytest.raises(WarehouseError, match="read-only transaction"),
        control.read() as transaction,
    ):
        transaction.execute("meta.put", key="k", value="v")


def test_a_connection_that_the_server_dropped_is_replaced(
    databases: Databases, name: str, control: Control
) -> None:
    put(control, "before")
    with databases.server.connect() as admin:
        ended = admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            [name],
        ).fetchall()
    assert ended == [(True,)]
    put(control, "after")
    assert has(control, "before")
    assert has(control, "after")


def test_a_connection_that_is_lost_in_the_middle_records_nothing(control: Control) -> None:
    def lose() -> None:
        with control.write() as transaction:
            transaction.execute("meta.put", key="k", value="v")
            transaction._connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(WarehouseError, match=r"terminating connection.*under way is undone"):
        lose()
    assert not has(control, "k")


def test_a_connection_that_is_lost_in_the_commit_leaves_it_open(control: Control) -> None:
    with control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
        )
        connection.exec_driver_sql(
            "CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON meta DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION die()"
        )
    with pytest.raises(WarehouseError, match=r"lost in a commit.*whether it was recorded is not"):
        put(control, "k")


def test_a_lock_that_others_hold_for_too_long(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BEGIN_WRITE", module._BEGIN_WRITE.replace("'30s'", "'50ms'"))
    with control.write() as transaction:
        transaction.execute("meta.put", key="k", value="v")
        with pytest.raises(WarehouseError, match=r"others have been writing.*here is undone"):
            put(control, "other")
    assert has(control, "k")
    assert not has(control, "other")


def test_two_databases_of_a_server_do_not_wait_for_each_other(
    databases: Databases, control: Control, open_at: Callable[[str], Control]
) -> None:
    name = databases.new()
    other = open_at(databases.server.url(name))
    with control.write():
        put(other, "k")
    other.close()
    databases.drop(name)


def test_numbered_locks_are_shared_and_seen(
    databases: Databases, control: Control, open_at: Callable[[str], Control]
) -> None:
    assert control.shared_locks() == []
    with control.shared_lock(7), control.shared_lock(0), control.shared_lock(2**31 - 1):
        with control.shared_lock(7):
            assert control.shared_locks() == [0, 7, 2**31 - 1]
        assert control.shared_locks() == [0, 7, 2**31 - 1]
        put(control, "k")  # they are in nobody's way
        name = databases.new()
        assert open_at(databases.server.url(name)).shared_locks() == []
        databases.drop(name)
    assert control.shared_locks() == []
    with pytest.raises(WarehouseError, match="refused"), control.shared_lock(2**31):
        pass


def test_a_numbered_lock_goes_with_its_process(control: Control) -> None:
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        with control.shared_lock(5):
            os.write(writing, b"!")
            time.sleep(60)
        os._exit(0)
    assert os.read(reading, 1) == b"!"
    assert control.shared_locks() == [5]
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    deadline = time.monotonic() + 5
    while control.shared_locks() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert control.shared_locks() == []
    for end in (reading, writing):
        os.close(end)


def test_a_numbered_lock_whose_session_was_lost_ends_quietly(
    databases: Databases, name: str, control: Control
) -> None:
    with control.shared_lock(5) as is_lost:
        assert not is_lost()
        with databases.server.connect() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                [name],
            )
        assert control.shared_locks() == []
        assert [is_lost(), is_lost()] == [True, True]
    assert control.shared_locks() == []


def test_a_server_whose_port_was_taken_gets_another() -> None:
    binaries = postgres.folder_of_binaries()
    assert binaries is not None
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with postgres.started(binaries, port=port) as server:
            assert server.port != port
            with server.connect() as connection:
                assert connection.execute("SHOW port").fetchone() == (str(server.port),)


def test_an_idle_connection_is_kept_alive(
    databases: Databases, name: str, open_at: Callable[[str], Control]
) -> None:
    with open_at(databases.server.loopback(name)).read() as transaction:
        made = transaction._connection.connection.dbapi_connection
        handle = socket.socket(fileno=os.dup(made.fileno()))  # type: ignore[union-attr]
    with handle:
        assert handle.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
    with open_at(databases.server.loopback(name) + "?keepalives_idle=77").read() as transaction:
        made = transaction._connection.connection.dbapi_connection
        handle = socket.socket(fileno=os.dup(made.fileno()))  # type: ignore[union-attr]
    with handle:
        assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 77


def test_a_server_that_does_not_answer(
    databases: Databases, open_at: Callable[[str], Control]
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        url = f"postgresql://me:h1dden@127.0.0.1:{port}/lab"
        with pytest.raises(WarehouseError, match=r"refused.*Check that the server runs") as caught:
            open_at(url)
    error: BaseException | None = caught.value
    assert f"postgresql://127.0.0.1:{port}/lab" in str(error)
    while error is not None:
        assert "h1dden" not in str(error)
        error = error.__cause__


@pytest.mark.parametrize("wrong", ["password", "database"])
def test_a_server_that_lets_nobody_in(
    databases: Databases, name: str, open_at: Callable[[str], Control], wrong: str
) -> None:
    if wrong == "password":
        url = databases.server.loopback(name, password="h1dden")
        message = "password authentication failed"
    else:
        url = databases.server.loopback("nowhere")
        message = 'database "nowhere" does not exist'
    with pytest.raises(WarehouseError, match=message) as caught:
        open_at(url)
    assert "h1dden" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_an_option_that_the_driver_does_not_know(
    databases: Databases, name: str, open_at: Callable[[str], Control]
) -> None:
    with pytest.raises(WarehouseError, match="no_such_option") as caught:
        open_at(databases.server.loopback(name) + "?no_such_option=1")
    assert "s3cret" not in str(caught.value)


def test_a_user_who_may_not_make_tables(
    databases: Databases, open_at: Callable[[str], Control]
) -> None:
    name = databases.new(migrated=False)
    with databases.server.connect(name) as admin:
        admin.execute("CREATE ROLE guest LOGIN")
    with pytest.raises(WarehouseError, match=r"permission denied.*that its user may change"):
        open_at(databases.server.url(name).replace("postgres@", "guest@"))
    databases.drop(name)
    with databases.server.connect() as admin:
        admin.execute("DROP ROLE guest")


def test_an_encoding_that_can_not_hold_any_text(
    databases: Databases, open_at: Callable[[str], Control]
) -> None:
    with databases.server.connect() as admin:
        admin.execute(
            "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' "
            "LOCALE_PROVIDER libc TEMPLATE template0"
        )
    with pytest.raises(ConfigError, match="encoding LATIN1; expected UTF8"):
        open_at(databases.server.url("latin"))
    databases.drop("latin")


def test_without_the_driver_the_extra_is_named(
    open_at: Callable[[str], Control], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"psycopg.*pip install 'hyprl-lab\[postgres\]'"):
        open_at("postgresql://me:h1dden@localhost/lab")
