"""One exchange with a server that ends at its deadline, whatever the server sends."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Exchange", "Overdue"]

T = TypeVar("T")

_CONNECTED: Final = (".connect_tcp.complete", ".start_tls.complete")
"""How the events end whose value is a connection (httpcore, "Extensions": trace)."""


class Overdue(Exception):  # noqa: N818 - no failure yet
    """The exchange was not done in time, and was cut."""


class Exchange:
    """The connections of one exchange, and the bytes taken so far.

    A client's own timeout is for one read, and a server that sends a byte now and then never
    meets it: neither in its headers nor between the pieces of a body. So the exchange runs in a
    thread of its own, and at the deadline its connections are shut down from outside, at which
    the thread ends. The one thing that can't be shut down is a name being looked up: the caller
    goes on in time, and the thread ends when the system's resolver gives up.
    """

    def __init__(self) -> None:
        self.taken = 0
        self._sockets: list[socket.socket] = []
        self._over = False
        self._lock = threading.Lock()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Note a connection; the `trace` extension of a request."""
        if event.endswith(_CONNECTED):
            found = info["return_value"].get_extra_info("socket")
            with self._lock:
                self._sockets.append(found)
                over = self._over
            if over:
                _shut(found)

    def run(self, work: Callable[[], T], seconds: float) -> T:
        """Return what the work returns, or raise what it raises, within a time.

        Raises
        ------
        Overdue
            It was not done in time.
        """
        from concurrent.futures import ThreadPoolExecutor, wait

        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hyprl-exchange")
        try:
            future = pool.submit(work)
            if not wait([future], timeout=seconds).done:
                raise Overdue
            return future.result()
        finally:
            self._cut()
            pool.shutdown(wait=False)

    def _cut(self) -> None:
        with self._lock:
            self._over = True
            sockets = list(self._sockets)
        for found in sockets:
            _shut(found)


def _shut(found: socket.socket) -> None:
    """Wake whoever reads from a socket; the reader closes it, so its number is not reused."""
    with suppress(OSError):  # closed already
        # Not the method: that of a TLS socket also takes its state away under the reader.
        socket.socket.shutdown(found, socket.SHUT_RDWR)
