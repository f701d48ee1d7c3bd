"""Work ends at its deadline, and what it waited for is cut."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

from hyprl_lab.data.providers.exchange import Exchange, Overdue


class Stream:
    """What the client's trace hands over."""

    def __init__(self, of: socket.socket) -> None:
        self.of = of

    def get_extra_info(self, name: str) -> Any:
        assert name == "socket"
        return self.of


def test_work_in_time_is_returned_or_raised() -> None:
    assert Exchange().run(lambda: 7, 5.0) == 7
    with pytest.raises(KeyError, match="gone"):
        Exchange().run(lambda: {"here": 7}["gone"], 5.0)


def test_who_reads_is_woken_at_the_deadline() -> None:
    here, there = socket.socketpair()
    got: list[bytes] = []
    woken = threading.Event()

    def read() -> None:
        exchange.trace("connection.connect_tcp.started", {})
        exchange.trace("connection.connect_tcp.complete", {"return_value": Stream(here)})
        got.append(here.recv(1))
        woken.set()

    exchange = Exchange()
    with here, there:
        began = time.monotonic()
        with pytest.raises(Overdue):
            exchange.run(read, 0.1)
        assert time.monotonic() - began < 1.0
        assert woken.wait(5.0)
        assert got == [b""]


def test_a_connection_made_after_the_deadline_is_cut_at_once() -> None:
    here, there = socket.socketpair()
    with here, there:
        exchange = Exchange()
        with pytest.raises(Overdue):
            exchange.run(lambda: time.sleep(0.2), 0.05)
        exchange.trace("connection.start_tls.complete", {"return_value": Stream(here)})
        there.settimeout(5.0)
        assert there.recv(1) == b""
