"""A query's rows a page at a time, all of them from one state of the warehouse."""

from __future__ import annotations

import os
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.parts.pins import PinLostError
from hyprl_lab.store.queries.failures import explained
from hyprl_lab.store.queries.forked import leave_to_parent
from hyprl_lab.store.queries.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack
    from types import TracebackType
    from typing import Any, Self

    import duckdb
    import pyarrow as pa

    from hyprl_lab.store.parts.pins import Pin
    from hyprl_lab.store.queries.watching import Limit

__all__ = ["Pages"]

_AGAIN_SECONDS: Final = 0.02


class Pages:
    """An iterator of `pyarrow.Table`s and a context manager; made by `Warehouse.pages`.

    What it reads is kept for it, whatever is written, compacted and swept meanwhile, until its
    last page was read, `close` is called, its block is left, or nobody has it any more. One
    thread at a time may use it; any may close it.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        reader: Any,
        held: ExitStack,
        pin: Pin,
        *,
        rows: int,
        limit: Limit,
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._schema: pa.Schema = reader.schema
        self._pin = pin
        self._rows = rows
        self._limit = limit
        self._rest: pa.Table | None = None
        self._using = threading.RLock()
        self._closed = False
        self._release = weakref.finalize(self, _close, held, [connection, reader], os.getpid())

    @property
    def schema(self) -> pa.Schema:
        """The columns of every page."""
        return self._schema

    def __iter__(self) -> Iterator[pa.Table]:
        """Return itself."""
        return self

    def __next__(self) -> pa.Table:
        """Return the next page; all but the last have the number of rows that was asked for.

        Raises
        ------
        CancelledError
            The token was set; the pages are closed.
        WarehouseError
            They were closed before.
        PinLostError
            The server dropped the session that kept their files, and one is missing; they are
            closed.
        """
        with self._using:
            if self._reader is None:
                if self._closed:
                    raise WarehouseError("these pages are closed; ask for them again")
                raise StopIteration
            try:
                page = self._next()
            except WarehouseError as error:
                try:
                    self._pin.check()
                except PinLostError as lost:
                    raise lost from error
                finally:
                    self.close()
                raise
            except BaseException:
                self.close()
                raise
            if page is None:
                self._end()
                raise StopIteration
            return page

    def close(self) -> None:
        """Let go of what is read; any number of times."""
        import duckdb

        self._closed = True
        while not self._using.acquire(timeout=_AGAIN_SECONDS):
            with suppress(duckdb.ConnectionException):  # whoever reads may close it meanwhile
                self._connection.interrupt()  # again and again: one before its start has no effect
        try:
            self._end()
        finally:
            self._using.release()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _next(self) -> pa.Table | None:
        """Return a page that is full, or the last one, or `None` after that."""
        import duckdb
        import pyarrow as pa

        held = [] if self._rest is None else [self._rest]
        found = sum(map(len, held))
        self._rest = None
        reader = self._reader

        def read() -> None:
            nonlocal found
            try:
                while found < self._rows:
                    batch = next(reader, None)
                    if batch is None:
                        break
                    held.append(pa.Table.from_batches([batch]))
                    found += len(batch)
            except (duckdb.Error, OSError) as error:
                raise explained(error) from error

        Watch(self._connection.interrupt, self._limit).run(read)
        if not found:
            return None
        whole = pa.concat_tables(held)
        if found > self._rows:
            self._rest = whole.slice(self._rows)
        return whole.slice(0, self._rows)

    def _end(self) -> None:
        self._reader = self._rest = None
        self._release()


def _close(held: ExitStack, opened: list[object], pid: int) -> None:
    """Let go of what is read, in the process that opened it."""
    if pid != os.getpid():
        leave_to_parent(held, opened)
        return
    opened.clear()
    held.close()
