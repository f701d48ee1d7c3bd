"""What only one process may do at a time: compaction, retention, backups.

A lease is a row with a fence, a number that grows with each holder. Its holder's death frees it,
on the same machine at once and on another one when its heartbeat is an hour old. A holder that
was taken for dead finds out in `check`, inside the transaction that would change something.
"""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.control.writer import Writer, now_us, this_writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.store.control.database import Control, Transaction

__all__ = ["Lease", "LeaseHeldError"]

_log = logging.getLogger(__name__)


class LeaseHeldError(WarehouseError):
    """A living process has the lease; the message names it."""


@dataclass(frozen=True, slots=True, eq=False)
class Lease:
    """The right to do what one process does at a time.

    Parameters
    ----------
    name
        What it is for, `maintenance` for all that replaces or removes files.
    fence
        Grows with each holder.
    """

    control: Control
    name: str
    fence: int

    @classmethod
    @contextmanager
    def take(cls, control: Control, name: str) -> Iterator[Lease]:
        """Hold a lease while the block runs; that of a dead holder is taken over.

        Where it can't be given back at the end (the disk is full, say), that is logged, and no
        error: the work is done. This process may take it again at once; others can when this one
        has done so, or has ended.

        Raises
        ------
        LeaseHeldError
            A living process has it, or another thread of this one.
        """
        taken: list[Lease] = []
        try:
            with control.write() as transaction:
                lease = cls(control, name, _next_fence(control, name, transaction))
                taken.append(lease)
                _living.add(lease)  # before another thread can see the row
                lease._enter(transaction)
            control.keep_beating()
            try:
                yield lease
            finally:
                lease._release()
        finally:  # whether the row was committed or not
            _living.difference_update(taken)

    def _enter(self, transaction: Transaction) -> None:
        me = this_writer()
        transaction.execute(
            "leases.take",
            name=self.name,
            fence=self.fence,
            machine=me.machine,
            boot=me.boot,
            pid=me.pid,
            process_start=me.process_start,
            now=transaction.now_us(),
        )

    def _release(self) -> None:
        try:
            with self.control.write() as transaction:
                transaction.execute(
                    "leases.release", name=self.name, fence=self.fence, now=now_us()
                )
        except WarehouseError as error:
            _log.warning("%s of %s was not given back: %s", self.name, self.control.name, error)

    def check(self, transaction: Transaction) -> None:
        """Make sure, inside a write transaction, that nobody took the lease over.

        Raises
        ------
        WarehouseError
            Somebody did: this process was taken for dead.
        """
        row = transaction.row("leases.get", name=self.name)
        if row is None or row["fence"] != self.fence or row["released_at"] is not None:
            raise WarehouseError(
                f"the lease {self.name} of {self.control.name} was taken over by another process "
                "while this one had it; nothing was changed: start again"
            )

    def beat(self) -> None:
        """Say that this process still lives, and make sure that it was not taken for dead.

        Raises
        ------
        WarehouseError
            As `check`.
        """
        with self.control.write() as transaction:
            self.check(transaction)
            transaction.execute(
                "leases.beat", name=self.name, fence=self.fence, now=transaction.now_us()
            )


_living: Final[set[Lease]] = set()
"""The leases that this process holds. A row may say so of one that it could not give back."""

os.register_at_fork(after_in_child=_living.clear)


def _next_fence(control: Control, name: str, transaction: Transaction) -> int:
    """Return the fence of the next holder, where the lease is free."""
    row = transaction.row("leases.get", name=name)
    if row is None:
        return 1
    if row["released_at"] is None and not _is_free(control, row, transaction.now_us()):
        raise LeaseHeldError(
            f"{name} of {control.name} is under way in process {row['pid']} on "
            f"{row['machine']}; expected nobody at it: wait for it, or end it"
        )
    return int(row["fence"]) + 1


def _is_free(control: Control, row: dict[str, Any], now: int) -> bool:
    """Whether the holder that a row names is gone, or is this process and forgot it."""
    holder = Writer(row["machine"], row["boot"], row["pid"], row["process_start"])
    if holder != this_writer():
        return holder.is_dead(heartbeat_at=row["heartbeat_at"], now=now)
    held = (control.name, row["name"], row["fence"])
    return all((lease.control.name, lease.name, lease.fence) != held for lease in list(_living))
