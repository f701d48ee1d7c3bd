from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from hyprl_lab.store.control.forks import leave_to_parent

if TYPE_CHECKING:
    from postgres import Databases


def test_a_child_has_the_null_device_in_the_sockets_place(databases: Databases) -> None:
    connection = databases.server.connect()
    leave_to_parent(connection)
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            same = os.path.samestat(os.fstat(connection.fileno()), Path(os.devnull).stat())
            try:
                connection.execute("SELECT 1")
            except psycopg.Error:
                os.write(writing, b"refused" if same else b"a socket")
            connection.close()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(reading, 100) == b"refused"
    assert connection.execute("SELECT 1").fetchone() == (1,)  # the parent's goes on
    connection.close()
    for end in (reading, writing):
        os.close(end)


def test_what_was_closed_is_left_alone(databases: Databases) -> None:
    connection = databases.server.connect()
    leave_to_parent(connection)
    connection.close()
    with pytest.raises(psycopg.OperationalError):
        connection.fileno()
    pid = os.fork()
    if not pid:
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
