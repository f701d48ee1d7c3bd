"""One more part under a lease: written, read back, and committed together with what it replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.parts import merging

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hyprl_lab.store.control.database import Control, Transaction
    from hyprl_lab.store.parts.folder import HashedStream
    from hyprl_lab.store.parts.leases import Lease
    from hyprl_lab.store.parts.merging import Held
    from hyprl_lab.store.parts.part_store import LivePart, PartStore, WrittenPart

__all__ = ["add_part"]


def add_part(
    control: Control,
    parts: PartStore,
    lease: Lease,
    *,
    table_name: str,
    rows: int,
    write: Callable[[HashedStream], Sequence[Held]],
    commit: Callable[[Transaction, WrittenPart, Sequence[Held]], None],
) -> LivePart:
    """Add a part of several shards, or of single backtests.

    Parameters
    ----------
    control, parts, lease
        Of one warehouse.
    table_name, rows
        What it will hold.
    write
        Writes the whole file, and returns what it has to hold.
    commit
        Turns it live, in a transaction in which the lease is still held.

    Raises
    ------
    IntegrityError
        What was read back is not what was written.
    WarehouseError
        It can't be written, or the lease was lost; nothing was changed.
    """
    with control.write() as transaction:
        lease.check(transaction)
        part_id = parts.reserve(transaction, table_name=table_name, rows=rows)
    committed = False
    try:
        expected: list[Held] = []
        written = parts.write_streamed(part_id, lambda stream: expected.extend(write(stream)))
        lease.beat()
        part = parts.as_live(written, table_name=table_name, rows=rows)
        found = merging.held(parts.folder, part)
        if found != expected:
            raise IntegrityError(
                f"{part.address} holds other rows than were written to it: the disk or the memory "
                "is failing; nothing was changed, check both and start again"
            )
        with control.write() as transaction:
            lease.check(transaction)
            commit(transaction, written, expected)
        committed = True
    finally:
        if not committed:
            parts.discard([part_id])
    return part
