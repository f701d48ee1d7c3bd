"""Immutable Parquet parts, each committed by a row of the control database.

A part is entered as `pending`; its file is written aside, fsynced and renamed, and the folder
fsynced; then the row turns `live`, which is the commit, unless a sweep has marked it `dead`
meanwhile. Sweeping goes the other way round: the row is marked and committed first, and then
the file is unlinked.
"""

from __future__ import annotations

import hashlib
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.control.writer import Writer, now_us, this_writer
from hyprl_lab.store.parts import verified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pyarrow as pa

    from hyprl_lab.store.control.database import Control, Transaction
    from hyprl_lab.store.parts.folder import HashedStream, PartsFolder

__all__ = ["LivePart", "PartStore", "WrittenPart"]

_SUFFIX: Final = ".parquet"

_LABELS: Final = ("study_id", "lineage_root", "strategy_hash", "state", "param_names")
"""Columns that repeat; the others are numbers that rarely do, and dictionaries only cost time."""

_SMALL_PAGE: Final = 32 << 10

ROW_GROUP: Final = 61_440
"""Rows that are compressed, and may be skipped, together: a multiple of DuckDB's 2,048."""


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
        `trials`, `trial_blocks`, `backtests` or `bars`.
    study_id, shard
        Whose rows it holds; `None` for bars, and where a compaction merged several shards.
    size
        Bytes the file had when it was committed.
    sha256
        Of the file's bytes.
    name
        Of the file in the parts folder.
    address
        What DuckDB and pyarrow open.
    """

    id: str
    table_name: str
    study_id: str | None
    shard: int | None
    rows: int
    size: int
    sha256: str
    name: str
    address: str


class PartStore:
    """The parts of one warehouse.

    A part goes in two steps, its row and, that being committed, its file. Which method does which:

    - `discard`: both, of pending parts that this process gives up after a failure.
    - `replace`: the row alone, of live parts that another one has the rows of; readers may still
      have the files, so they are left to the sweeper.
    - `sweep`: both, of pending parts that their writers gave up or left behind.
    - `unlink`: the file alone, where the caller has marked the row.
    - `unlink_unless_wanted`: the file alone, where a commit failed and it is not known which rows
      it left dead.
    """

    def __init__(self, control: Control, folder: PartsFolder) -> None:
        self._control = control
        self.folder = folder

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
        self._control.keep_beating()
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
            now=transaction.now_us(),
        )
        return part_id

    def hold(self, part_ids: Iterable[str], holder: object) -> None:
        """Say that pending parts of a shard are given up when an object of this process is gone.

        It is called in the transaction that reserves them, before others can see the rows.
        """
        for part_id in part_ids:
            _holders[part_id] = holder

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
        self.folder.put((file_name(part_id), content) for part_id, content in contents.items())
        written = [
            WrittenPart(part_id, len(content), hashlib.sha256(content).hexdigest())
            for part_id, content in contents.items()
        ]
        for part in written:
            verified.know(self.folder, file_name(part.id), part.sha256)
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
        name = file_name(part_id)
        size, sha256 = self.folder.put_streamed(name, write)
        verified.know(self.folder, name, sha256)
        return WrittenPart(part_id, size, sha256)

    def address(self, part_id: str) -> str:
        """Return what opens a part's file, whether it is there or not."""
        return self.folder.address(file_name(part_id))

    def open(self, part_id: str) -> IO[bytes]:
        """Open a part's file to read it at any place."""
        return self.folder.open(file_name(part_id))

    def check(self, parts: Iterable[LivePart]) -> None:
        """Check that the files of parts are what was committed.

        Raises
        ------
        IntegrityError
            A file is missing, cut short or changed; the message names it.
        """
        verified.check(self.folder, [(part.name, part.size, part.sha256) for part in parts])

    def check_one(self, part_id: str, size: int, sha256: str) -> None:
        """Check the file of one part; see `check`."""
        verified.check(self.folder, [(file_name(part_id), size, sha256)])

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
        """Give up pending parts: mark them dead, commit, then unlink their files.

        It is called when something failed, and raises nothing more: what can't be marked now (the
        disk is full, say) is marked by this process's next sweep.
        """
        _given_up.update(part_ids)
        with suppress(WarehouseError):
            self._kill(part_ids)
        self.unlink_unless_wanted(part_ids)  # a commit may have succeeded and not been told

    def _kill(self, part_ids: Iterable[str]) -> None:
        with self._control.write() as transaction:
            for part_id in part_ids:
                transaction.execute("parts.kill", id=part_id, now=now_us())
        _given_up.difference_update(part_ids)

    def replace(
        self, transaction: Transaction, parts: Sequence[LivePart], by: WrittenPart, generation: int
    ) -> None:
        """Turn a pending part live in the place of others, in the caller's transaction.

        Parameters
        ----------
        parts
            Their rows die; their files stay for those who read them.
        by
            Has all their rows, and nothing else.
        generation
            That the caller's transaction began.

        Raises
        ------
        WarehouseError
            One of them is not live any more, or `by` not pending.
        """
        for part in parts:
            changed = transaction.execute(
                "parts.replace", id=part.id, by=by.id, generation=generation, now=now_us()
            )
            if changed != 1:
                raise WarehouseError(
                    f"part {part.id} was replaced or given up by another process meanwhile; "
                    "nothing was changed: start again"
                )
        self.commit(transaction, by)

    def unlink(self, part_ids: Iterable[str]) -> None:
        """Unlink the files of parts whose rows are dead, and committed as such.

        Where that can't be done, a sweep comes back to them.
        """
        with suppress(WarehouseError):
            self.folder.remove([file_name(part_id) for part_id in part_ids])

    def unlink_unless_wanted(self, part_ids: list[str]) -> None:
        """Unlink the files of parts that no row wants, after a commit that failed.

        Like `unlink` it raises nothing more.
        """
        with suppress(WarehouseError):
            with self._control.read() as transaction:
                rows = [transaction.row("parts.get", id=part_id) for part_id in part_ids]
            self.unlink([row["id"] for row in rows if row is not None and row["state"] == "dead"])

    def sweep(self) -> int:
        """Give up the parts that nobody will finish; return how many.

        Their writers are dead, or are this process, which failed or dropped the reservation.
        """
        with self._control.read() as transaction:
            pending = transaction.rows("parts.pending")
            now = transaction.now_us()
        dead = [row["id"] for row in pending if is_given_up(row, now)]
        if dead:
            self._kill(dead)
            # A writer that is gone may have committed since the rows were read, or its server may
            # have: what is live now stays.
            self.unlink_unless_wanted(dead)
        return len(dead)

    def live(
        self, transaction: Transaction, table_names: Iterable[str] | None = None
    ) -> list[LivePart]:
        """Return the committed parts of some tables, or of all, as the transaction sees them."""
        wanted = None if table_names is None else set(table_names)
        return [
            self.as_live(
                WrittenPart(row["id"], row["bytes"], row["sha256"]),
                table_name=row["table_name"],
                rows=row["rows"],
                study_id=row["study_id"],
                shard=row["shard"],
            )
            for row in transaction.rows("parts.live")
            if wanted is None or row["table_name"] in wanted
        ]

    def of_study(self, transaction: Transaction, table_name: str, study_id: str) -> list[LivePart]:
        """Return the committed parts of a table that hold a study's rows, or may: merged ones."""
        return [
            part
            for part in self.live(transaction, [table_name])
            if part.study_id in (None, study_id)
        ]

    def as_live(
        self,
        part: WrittenPart,
        *,
        table_name: str,
        rows: int,
        study_id: str | None = None,
        shard: int | None = None,
    ) -> LivePart:
        """Return what a reader needs to know of a written part."""
        name = file_name(part.id)
        return LivePart(
            id=part.id,
            table_name=table_name,
            study_id=study_id,
            shard=shard,
            rows=rows,
            size=part.size,
            sha256=part.sha256,
            name=name,
            address=self.folder.address(name),
        )


_given_up: Final[set[str]] = set()
"""Pending parts that this process gave up, and could not mark as dead yet."""

_holders: Final[WeakValueDictionary[str, object]] = WeakValueDictionary()
"""What holds each pending part of a shard that this process reserved."""


def is_given_up(row: dict[str, Any], now: int) -> bool:
    """Whether a pending part's writer is gone, or is this process and let go of it.

    Parameters
    ----------
    row
        The part's.
    now
        By the clock of its heartbeats.
    """
    writer = Writer(row["machine"], row["boot"], row["pid"], row["process_start"])
    if writer != this_writer():
        return writer.is_dead(heartbeat_at=row["heartbeat_at"], now=now)
    return row["id"] in _given_up or (row["shard"] is not None and row["id"] not in _holders)


def holder_of(row: dict[str, Any]) -> object | None:
    """Return the object of this process that holds a pending part; `None` where another does.

    Parameters
    ----------
    row
        The part's.
    """
    writer = Writer(row["machine"], row["boot"], row["pid"], row["process_start"])
    return _holders.get(row["id"]) if writer == this_writer() else None


def file_name(part_id: str) -> str:
    """Return the name of a part's file."""
    return f"{part_id}{_SUFFIX}"


def part_id_of(name: str) -> str | None:
    """Return whose part's file has this name, `None` where it is no part's."""
    return name.removesuffix(_SUFFIX) if name.endswith(_SUFFIX) else None


def _parquet(table: pa.Table) -> memoryview:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, row_group_size=ROW_GROUP, **writing(table.schema))
    return memoryview(sink.getvalue())


def writing(schema: pa.Schema) -> dict[str, Any]:
    """Return how pyarrow writes a part: compressed, with a checksum a page.

    Metrics are split by byte, which makes them smaller and quicker both ways, and come in small
    pages, so that a query which wants twenty rows unpacks little.
    """
    import pyarrow as pa

    numbers = [column.name for column in schema if pa.types.is_floating(column.type)]
    return {
        "compression": "zstd",
        "compression_level": 1,
        "write_page_checksum": True,
        "use_dictionary": [name for name in _LABELS if name in schema.names],
        "use_byte_stream_split": numbers,
        "data_page_size": _SMALL_PAGE if numbers else None,
    }
