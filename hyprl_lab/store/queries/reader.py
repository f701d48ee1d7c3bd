"""Read-only SQL over one state of the warehouse."""

from __future__ import annotations

import re
from contextlib import ExitStack, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hyprl_lab.errors import InputError
from hyprl_lab.store.parts import verified
from hyprl_lab.store.parts.pins import UNPINNED, PinLostError
from hyprl_lab.store.parts.study_rows import few_study_rows, largest_study_rows, study_rows
from hyprl_lab.store.queries.catalog import VIEWS
from hyprl_lab.store.queries.failures import explained, plain_params
from hyprl_lab.store.queries.locked import Kept, locked
from hyprl_lab.store.queries.pages import Pages
from hyprl_lab.store.queries.parsing import check_select, named
from hyprl_lab.store.queries.sources import collect, reads_files
from hyprl_lab.store.queries.watching import Limit, Watch, plain_interrupts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import duckdb
    import pyarrow as pa

    from hyprl_lab.store.control.database import Control
    from hyprl_lab.store.parts.folder import PartsFolder
    from hyprl_lab.store.parts.part_store import LivePart, PartStore
    from hyprl_lab.store.parts.pins import Pin, Pins
    from hyprl_lab.store.parts.study_rows import Wanted
    from hyprl_lab.store.queries.sources import Sources
    from hyprl_lab.types import CancelToken

    Params = Mapping[str, object] | Sequence[object] | None

__all__ = ["Reader"]

Answer = TypeVar("Answer")

_SHOW: Final = re.compile(r"\s*show\s*(all\s+tables\b|tables\b|;|$)", re.IGNORECASE)
"""What lists the tables of a database, and would list none: there are views alone."""


class Reader:
    """The queries of one warehouse, from any number of threads.

    Parameters
    ----------
    control, parts, pins
        Of the warehouse.
    artifacts
        The folder that holds a folder for each run.
    """

    def __init__(
        self, control: Control, parts: PartStore, pins: Pins, artifacts: PartsFolder
    ) -> None:
        self._control = control
        self._parts = parts
        self._pins = pins
        self._artifacts = artifacts
        self._kept = Kept()

    def run(
        self,
        query: str,
        params: Params,
        *,
        cancel: CancelToken | None = None,
        timeout: float | None = None,
    ) -> pa.Table:
        """Return a query's rows; see `Warehouse.sql`."""
        return self._run("", query, params, cancel, timeout)

    def explain(self, query: str, params: Params) -> str:
        """Return DuckDB's plan for a query."""
        table = self._run("EXPLAIN ", query, params, None, None)
        return "\n".join(str(row["explain_value"]) for row in table.to_pylist())

    def pages(self, query: str, params: Params, *, rows: int, cancel: CancelToken | None) -> Pages:
        """Return a query's rows by pages; see `Warehouse.pages`."""
        if isinstance(rows, bool) or not isinstance(rows, int) or rows < 1:
            raise InputError(f"rows is {rows!r}; expected the rows of a page, 1 or more")
        limit = Limit(cancel=cancel)
        views, given = _checked(query, params)
        return _again_if_lost(lambda: self._pages(query, given, views, rows, limit))

    def _pages(
        self, query: str, given: Any, views: tuple[str, ...], rows: int, limit: Limit
    ) -> Pages:
        import duckdb

        with ExitStack() as stack:
            pin, sources = stack.enter_context(self._pinned(views, limit))
            opened = _Opened()
            stack.callback(opened.close)

            def ask() -> Any:
                try:
                    connection = opened.keep(locked(sources))
                    return connection.sql(query, params=given).to_arrow_reader(rows)
                except (duckdb.Error, OSError) as error:
                    raise explained(error) from error

            reader = Watch(opened.interrupt, limit).run(ask)
            return Pages(opened.connection, reader, stack.pop_all(), pin, rows=rows, limit=limit)

    @contextmanager
    def held(self, views: tuple[str, ...], limit: Limit | None = None) -> Iterator[Sources]:
        """Collect what views read; its files are kept until the block is left.

        Raises
        ------
        CancelledError, WarehouseError
            The limit was reached while files were hashed: its token, its time.
        """
        with self._pinned(views, limit or Limit()) as (_, sources):
            yield sources

    @contextmanager
    def _pinned(self, views: tuple[str, ...], limit: Limit) -> Iterator[tuple[Pin, Sources]]:
        """Do as `held`; what goes wrong because the pin was lost is said to."""
        import duckdb

        with self._pins.pin() if reads_files(views) else nullcontext(UNPINNED) as pin:
            try:
                yield pin, collect(views, self._control, self._parts, self._artifacts, limit)
            except (duckdb.Error, OSError) as error:
                raise explained(error) from error

    def study_rows(self, names: Sequence[str], wanted: Wanted) -> pa.Table:
        """Return some trials of a study without a query, in the order of their index.

        Parameters
        ----------
        names
            Columns of `trials`; `trial_index` comes first.
        wanted
            Of which study, and which rows.

        Raises
        ------
        IntegrityError
            A part that is needed is missing or corrupt; the message names it.
        """
        return _again_if_lost(
            lambda: self._of_parts(wanted.study_id, lambda parts: study_rows(parts, names, wanted))
        )

    def few_study_rows(self, names: Sequence[str], wanted: Wanted, groups: int) -> pa.Table | None:
        """Do as `study_rows`; return `None` where the rows are in more than so many row groups."""
        return _again_if_lost(
            lambda: self._of_parts(
                wanted.study_id, lambda parts: few_study_rows(parts, names, wanted, groups)
            )
        )

    def largest_study_rows(
        self,
        names: Sequence[str],
        wanted: Wanted,
        metric: str,
        least: Callable[[pa.Table], float],
    ) -> pa.Table:
        """Do as `study_rows`, of those where a metric is large; see `parts.study_rows`.

        Parameters
        ----------
        names, wanted
            As for `study_rows`.
        metric
            The column.
        least
            Called with the rows that were read so far: smaller values matter no more.
        """
        return _again_if_lost(
            lambda: self._of_parts(
                wanted.study_id,
                lambda parts: largest_study_rows(parts, names, wanted, metric=metric, least=least),
            )
        )

    def _of_parts(self, study_id: str, read: Callable[[list[LivePart]], Answer]) -> Answer:
        """Read the parts of a study's trials, checked and pinned."""
        with self._pins.pin():
            with self._control.read() as transaction:
                parts = self._parts.of_study(transaction, "trials", study_id)
            files = [(part.name, part.size, part.sha256) for part in parts]
            verified.check(self._parts.folder, files)
            return read(parts)

    def close(self) -> None:
        """Close the databases that are kept; the reader can be used again."""
        self._kept.close()

    def _run(
        self,
        prefix: str,
        query: str,
        params: Params,
        cancel: CancelToken | None,
        timeout: float | None,
    ) -> pa.Table:
        limit = Limit(cancel=cancel, timeout=timeout)
        views, given = _checked(query, params)
        return _again_if_lost(lambda: self._table(prefix + query, given, views, limit))

    def _table(
        self,
        query: str,
        given: Any,
        views: tuple[str, ...],
        limit: Limit,
    ) -> pa.Table:
        import duckdb

        with self.held(views, limit) as sources:
            opened = _Opened()

            def ask() -> pa.Table:
                try:
                    connection = opened.keep(self._kept.take(sources))
                    return connection.sql(query, params=given).to_arrow_table()
                except (duckdb.Error, OSError) as error:
                    raise explained(error) from error

            whole = False
            watch = Watch(opened.interrupt, limit)
            try:
                table = watch.run(ask)
                whole = watch.stopped is None
            finally:
                if whole:
                    self._kept.give(sources, opened.connection)
                else:
                    opened.close()
            return table


class _Opened:
    """The database of a query, as soon as there is one."""

    def __init__(self) -> None:
        self._found: list[duckdb.DuckDBPyConnection] = []

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self._found[0]

    def keep(self, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        self._found.append(connection)
        return connection

    def interrupt(self) -> None:
        for connection in self._found:
            connection.interrupt()

    def close(self) -> None:
        for connection in self._found:
            connection.close()


def _checked(query: str, params: Params) -> tuple[tuple[str, ...], Any]:
    """Return the views that a query reads, and its parameters as DuckDB takes them."""
    if not isinstance(query, str):
        raise InputError(f"the query is {type(query).__name__}; expected a text, one SELECT")
    if _SHOW.match(query):
        raise InputError(
            f"there are no tables to show; the warehouse has the views {', '.join(VIEWS)}. See "
            "the columns of one by: describe trials"
        )
    given = plain_params(params)
    with plain_interrupts():
        check_select(query)
        return named(query), given


def _again_if_lost(ask: Callable[[], Answer]) -> Answer:
    """Ask, and once more where the pin was lost: nothing was handed out yet."""
    try:
        return ask()
    except PinLostError:
        return ask()
