"""Heartbeats: how a process of another machine knows that this one still works.

A process on the same machine asks the kernel, and needs none.
"""

from __future__ import annotations

import logging
import os
import threading
import weakref
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.control.writer import this_writer

if TYPE_CHECKING:
    from hyprl_lab.store.control.database import Control

__all__ = ["Heart"]

BEAT_SECONDS: Final = 300.0
"""A twelfth of what a foreign writer is believed to live without a beat."""

_log = logging.getLogger(__name__)


class Heart:
    """A thread that beats for as long as this process has something that others could take.

    Parameters
    ----------
    control
        Where pending parts and leases are; not kept alive by this.
    """

    def __init__(self, control: Control) -> None:
        self._control = weakref.ref(control)
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._asked = False
        self._thread: threading.Thread | None = None

    def keep_beating(self) -> None:
        """Beat from now on, until nothing is pending; any number of times."""
        if self._pid != os.getpid():  # a forked child has no thread of its parent
            self._reset()
        with self._lock:
            self._asked = True
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, args=(threading.Event(),), name="heartbeat", daemon=True
                )
                self._thread.start()

    def beat(self) -> int:
        """Say now that this process lives; return how many parts and leases it has."""
        control = self._control()
        if control is None:
            return 0
        me = this_writer()
        who = {
            "machine": me.machine,
            "boot": me.boot,
            "pid": me.pid,
            "process_start": me.process_start,
        }
        with control.write() as transaction:
            now = transaction.now_us()
            return transaction.execute("parts.beat", **who, now=now) + transaction.execute(
                "leases.beat_all", **who, now=now
            )

    def _run(self, never: threading.Event) -> None:
        while not never.wait(BEAT_SECONDS):
            with self._lock:
                asked, self._asked = self._asked, False
            if self._control() is None:
                return
            try:
                wanted = self.beat() > 0
            except WarehouseError as error:
                _log.warning("a heartbeat failed, and is tried again: %s", error)
                wanted = True
            with self._lock:
                if not (wanted or asked or self._asked):
                    self._thread = None
                    return
