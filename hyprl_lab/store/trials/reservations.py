"""The right to commit one shard: it is asked for before the shard is evaluated.

A reservation is two rows, pending parts that name their writer, and an object. When the writer
dies, or lets go of the object, the shard is free again.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import InputError, LabError, NotFoundError, WarehouseError
from hyprl_lab.store.control.writer import now_us
from hyprl_lab.store.parts.part_store import holder_of, is_given_up
from hyprl_lab.store.schemas import trial_blocks_schema, trials_schema
from hyprl_lab.store.trials import shard_tables
from hyprl_lab.store.trials.digests import table_digest

if TYPE_CHECKING:
    import pyarrow as pa

    from hyprl_lab.store.control.database import Control
    from hyprl_lab.store.parts.part_store import PartStore

__all__ = [
    "Reservation",
    "Reservations",
    "ShardHeldError",
    "ShardHeldHereError",
    "ShardLiveError",
]


class ShardLiveError(WarehouseError):
    """The shard is committed already: skip it."""


class ShardHeldError(WarehouseError):
    """A living writer has the shard reserved: leave it to them, or wait."""


class ShardHeldHereError(ShardHeldError):
    """The calling thread has the shard reserved itself, and would wait for itself."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Reservation:
    """The right to commit one shard, as long as this object lives in the process that got it.

    Parameters
    ----------
    study_id, shard
        What is reserved.
    rows
        Trials the shard will have.
    trials_part, blocks_part
        Ids of the pending parts; `blocks_part` is `None` where no blocks were announced.
    thread
        The identity of the thread that reserved it.
    """

    study_id: str
    shard: int
    rows: int
    trials_part: str
    blocks_part: str | None
    thread: int = field(default_factory=threading.get_ident)

    @property
    def part_ids(self) -> list[str]:
        """The ids of the pending parts."""
        return [part for part in (self.trials_part, self.blocks_part) if part is not None]


class Reservations:
    """The shards of one warehouse that are in the making."""

    def __init__(self, control: Control, parts: PartStore) -> None:
        self._control = control
        self._parts = parts

    def reserve(self, study_id: str, shard: int, rows: int, *, blocks: bool) -> Reservation:
        """Announce a shard before it is evaluated; see `Warehouse.reserve_shard`.

        Raises
        ------
        NotFoundError
            The study was not opened.
        ShardLiveError, ShardHeldError
            It is committed, or somebody else's; `ShardHeldHereError` where the calling thread
            holds it.
        """
        where = {"study_id": study_id, "shard": shard}
        abandoned: list[str] = []
        with self._control.write() as transaction:
            if transaction.row("studies.get", study_id=study_id) is None:
                raise NotFoundError(f"no study {study_id!r}; open_study comes first")
            known = transaction.row("studies.shard", **where)
            if known and known["state"] == "live":
                raise ShardLiveError(f"shard {shard} of study {study_id} is live; skip it")
            for row in transaction.rows("parts.pending_of_shard", **where):
                if not is_given_up(row, transaction.now_us()):
                    raise _held(study_id, shard, row)
                abandoned.append(row["id"])
                transaction.execute("parts.kill", id=row["id"], now=now_us())
            transaction.execute("studies.intend", **where, rows=rows, now=now_us())
            tables = ("trials", "trial_blocks") if blocks else ("trials",)
            ids = [
                self._parts.reserve(
                    transaction, table_name=table, study_id=study_id, shard=shard, rows=rows
                )
                for table in tables
            ]
            reservation = Reservation(study_id, shard, rows, ids[0], ids[1] if blocks else None)
            self._parts.hold(ids, reservation)
        self._parts.unlink(abandoned)
        return reservation

    def commit(self, reservation: Reservation, trials: pa.Table, blocks: pa.Table | None) -> None:
        """Make a reserved shard's rows visible, all at once; see `Warehouse.commit_shard`.

        Raises
        ------
        InputError
            The tables are not what was reserved.
        ShardLiveError
            Another process committed the shard.
        WarehouseError
            They can't be written, or this process was taken for dead.
        """
        tables = {reservation.trials_part: trials}
        study_id, rows = reservation.study_id, reservation.rows
        shard_tables.check(trials, trials_schema(), "trials", study_id, rows)
        if (blocks is None) != (reservation.blocks_part is None):
            raise InputError(
                f"shard {reservation.shard} was reserved with blocks="
                f"{reservation.blocks_part is not None}; blocks are {blocks is not None}"
            )
        if blocks is not None and reservation.blocks_part is not None:
            shard_tables.check(blocks, trial_blocks_schema(), "blocks", study_id, rows)
            tables[reservation.blocks_part] = blocks
        first = shard_tables.first_index(trials, blocks)
        digests = {
            "trials_digest": table_digest(trials),
            "blocks_digest": None if blocks is None else table_digest(blocks),
        }
        where = {"study_id": reservation.study_id, "shard": reservation.shard}
        try:
            written = self._parts.write(tables)
            with self._control.write() as transaction:
                for part in written:
                    self._parts.commit(transaction, part)
                other = transaction.row(
                    "studies.overlapping",
                    **where,
                    first_index=first,
                    stop=first + reservation.rows,
                )
                if other is not None:
                    raise InputError(
                        f"trials {first} … {first + reservation.rows - 1} of shard "
                        f"{reservation.shard} are, some of them, in shard {other['shard']} of "
                        f"study {reservation.study_id} already; a trial has one index"
                    )
                changed = transaction.execute(
                    "studies.commit_shard",
                    **where,
                    **digests,
                    rows=reservation.rows,
                    first_index=first,
                    now=now_us(),
                )
                if changed != 1:
                    raise ShardLiveError(
                        f"shard {reservation.shard} of study {reservation.study_id} is live"
                    )
        except LabError:
            self._parts.unlink_unless_wanted(reservation.part_ids)
            raise

    def abandon(self, reservation: Reservation) -> None:
        """Give a reservation back; see `Warehouse.abandon_shard`."""
        self._parts.discard(reservation.part_ids)


def _held(study_id: str, shard: int, row: dict[str, Any]) -> ShardHeldError:
    """Return what is said of a shard that the writer of a row holds."""
    said = (
        f"shard {shard} of study {study_id} is reserved by process {row['pid']} on "
        f"{row['machine']}, which still runs"
    )
    holder = holder_of(row)
    if isinstance(holder, Reservation) and holder.thread == threading.get_ident():
        return ShardHeldHereError(
            f"{said}, and by this very thread, which would wait for itself: commit or abandon the "
            "shard first; a search that is started again inside its own progress function has to "
            "be started after that search has returned"
        )
    return ShardHeldError(f"{said}; take another shard, or wait")
