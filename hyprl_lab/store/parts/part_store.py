"""Immutable Parquet parts, each committed by a row of the control database.

A part is entered as `pending`; its file is written aside, fsynced and renamed, and the folder
fsynced; then the row turns `live`, which is the commit, unless a sweep has marked it `dead`
meanwhile. Sweeping goes the other way round: the row is marked and committed first, and then
the file is unlinked.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.control.writer import Writer, now_us, this_writer
from hyprl_lab.store.parts import verified

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pyarrow as pa

    from hyprl_lab.store.control.database import Control, Transaction
    from hyprl_lab.store.parts.folder import Folder, HashedStream

__all__ = ["LivePart", "PartStore", "WrittenPart"]

_LABELS: Final = ("study_id", "lineage_root", "state")
"""Columns that repeat; the others are numbers that rarely do, and dictionaries only cost time."""


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """A file that is safe on disk and waits for its commit."""

    id: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LivePart:
    """A committed part: what a reader reads.

    Parameters
    ----------
    table_name
        `trials`, `trial_blocks` or `bars`.
    path
        Its Parquet file.
    size
        Bytes the file had when it was committed.
    sha256
        Of the file's bytes.
    """

    id: str
    table_name: str
    path: Path
    rows: int
    size: int
    sha256: str


class PartStore:
    """The parts of one warehouse."""

    def __init__(self, control: Control, folder: Folder) -> None:
        self._control = control
        self._folder = folder

    def reserve(
        self,
        transaction: Transaction,
        *,
        table_name: str,
        rows: int,
        study_id: str | None = None,
        shard: int | None = None,
    ) -> str:
        """Enter a part as pending, in the caller's transaction, and return its id."""
        part_id = uuid.uuid4().hex
        writer = this_writer()
        transaction.execute(
            "parts.reserve",
            id=part_id,
            table_name=table_name,
            study_id=study_id,
            shard=shard,
            rows=rows,
            machine=writer.machine,
            boot=writer.boot,
            pid=writer.pid,
            process_start=writer.process_start,
            now=now_us(),
        )
        return part_id

    def write(self, tables: Mapping[str, pa.Table]) -> list[WrittenPart]:
        """Write the files of reserved parts, safe against a power cut on return.

        Parameters
        ----------
        tables
            The rows of each part, by its id.

        Raises
        ------
        WarehouseError
            The disk is full or the folder can't be written; no file is left behind.
        """
        contents = {part_id: _parquet(table) for part_id, table in tables.items()}
        self._folder.put((_file(part_id), content) for part_id, content in contents.items())
        written = [
            WrittenPart(part_id, len(content), hashlib.sha256(content).hexdigest())
            for part_id, content in contents.items()
        ]
        for part in written:
            verified.know(self.path(part.id), part.sha256)
        return written

    def write_streamed(self, part_id: str, write: Callable[[HashedStream], None]) -> WrittenPart:
        """Write the file of one reserved part piece by piece; see `write`.

        Parameters
        ----------
        part_id
            Of the part.
        write
            Writes the whole file to the stream it is given.

        Raises
        ------
        WarehouseError
            The disk is full or the folder can't be written; no file is left behind.
        """
        size, sha256 = self._folder.put_streamed(_file(part_id), write)
        verified.know(self.path(part_id), sha256)
        return WrittenPart(part_id, size, sha256)

    def path(self, part_id: str) -> Path:
        """Return where a part's file is, or would be."""
        return self._folder.path(_file(part_id))

    def commit(self, transaction: Transaction, part: WrittenPart) -> None:
        """Turn a pending part live, in the caller's transaction.

        Raises
        ------
        WarehouseError
            The part is no longer pending: a sweep took its writer for dead.
        """
        changed = transaction.execute(
            "parts.commit", id=part.id, bytes=part.size, sha256=part.sha256, now=now_us()
        )
        if changed != 1:
            raise WarehouseError(
                f"part {part.id} is not pending any more: this writer was taken for dead, and "
                "another may have the shard; nothing was recorded, reserve the shard again"
            )

    def discard(self, part_ids: list[str]) -> None:
        """Give up pending parts: mark them dead, commit, then unlink their files."""
        with self._control.write() as transaction:
            for part_id in part_ids:
                transaction.execute("parts.kill", id=part_id, now=now_us())
        self.unlink(part_ids)

    def unlink(self, part_ids: list[str]) -> None:
        """Unlink the files of parts whose rows are dead, and committed as such."""
        for part_id in part_ids:
            self._folder.remove(_file(part_id))

    def unlink_unless_wanted(self, part_ids: list[str]) -> None:
        """Unlink the files of parts that no row wants, after a commit that failed."""
        with self._control.read() as transaction:
            kept = {row["id"] for row in transaction.rows("parts.kept")}
        self.unlink([part_id for part_id in part_ids if part_id not in kept])

    def sweep(self) -> int:
        """Give up the parts of dead writers, unlink their files; return the parts' number.

        A file that no row names is left alone: it may be of a database that was lost.
        """
        with self._control.read() as transaction:
            pending = transaction.rows("parts.pending")
        dead = [row["id"] for row in pending if is_abandoned(row)]
        if dead:
            self.discard(dead)
        with self._control.read() as transaction:
            unwanted = {_file(row["id"]) for row in transaction.rows("parts.dead")}
        left = unwanted & self._folder.names()
        for name in left:
            self._folder.remove(name)
        return len(left | {_file(part_id) for part_id in dead})

    def live(self, transaction: Transaction) -> list[LivePart]:
        """Return the committed parts, as the caller's transaction sees them."""
        return [
            LivePart(
                row["id"],
                row["table_name"],
                self.path(row["id"]),
                row["rows"],
                row["bytes"],
                row["sha256"],
            )
            for row in transaction.rows("parts.live")
        ]


def part_writer(row: dict[str, Any]) -> Writer:
    """Return who entered a part's row."""
    return Writer(row["machine"], row["boot"], row["pid"], row["process_start"])


def is_abandoned(row: dict[str, Any]) -> bool:
    """Whether the writer of a pending part's row is gone."""
    return part_writer(row).is_dead(heartbeat_at=row["heartbeat_at"])


def _file(part_id: str) -> str:
    return f"{part_id}.parquet"


def _parquet(table: pa.Table) -> memoryview:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=1,
        use_dictionary=[name for name in _LABELS if name in table.column_names],
        write_page_checksum=True,
    )
    return memoryview(sink.getvalue())
