"""One warehouse: everything the lab remembers, under one home folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from hyprl_lab.store import holdings, upkeep
from hyprl_lab.store.bar_book import BarBook
from hyprl_lab.store.parts import compaction
from hyprl_lab.store.run_book import RunBook
from hyprl_lab.store.trial_book import TrialBook
from hyprl_lab.store.trials import single_digest
from hyprl_lab.store.trials.absorbing import forget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from hyprl_lab.store.backup import BackupContent
    from hyprl_lab.store.holdings import Status
    from hyprl_lab.store.parts.compaction import Compacted
    from hyprl_lab.store.queries import Pages
    from hyprl_lab.store.runs.findings import Verification
    from hyprl_lab.store.snapshot import Snapshot
    from hyprl_lab.store.upkeep import Upkeep
    from hyprl_lab.types import CancelToken, ProgressCallback

    Params = Mapping[str, object] | Sequence[object] | None

__all__ = ["Warehouse"]


class Warehouse(TrialBook, RunBook, BarBook):
    """The store of trials, studies, runs, verdicts and bars; opened when first used.

    Any number of processes and threads may use one home at the same time; a kill anywhere loses
    nothing that was acknowledged. What can't be done raises `WarehouseError`: a folder that can't
    be written, a full disk, a database written by a newer lab.

    Parameters
    ----------
    home
        The home folder, made where it is missing; by default that of `hyprl_lab.store.home()`.

    Examples
    --------
    >>> import tempfile
    >>> warehouse = Warehouse(tempfile.mkdtemp())
    >>> warehouse.sql("select count(*) as n from trials", arrow=True).to_pylist()
    [{'n': 0}]
    """

    @overload
    def sql(
        self,
        query: str,
        params: Params = None,
        *,
        arrow: Literal[True],
        cancel: CancelToken | None = None,
        timeout: float | None = None,
    ) -> pa.Table: ...

    @overload
    def sql(
        self,
        query: str,
        params: Params = None,
        *,
        arrow: bool = False,
        cancel: CancelToken | None = None,
        timeout: float | None = None,
    ) -> pd.DataFrame: ...

    def sql(
        self,
        query: str,
        params: Params = None,
        *,
        arrow: bool = False,
        cancel: CancelToken | None = None,
        timeout: float | None = None,
    ) -> pa.Table | pd.DataFrame:
        """Run one SELECT in DuckDB's SQL; it can't change anything, nor read other files.

        The views are those of `hyprl_lab.store.VIEWS`, described in `docs/warehouse-schema.md`.
        The query sees one state of the warehouse, this process's own recorded trials included.
        Any number of threads may ask at once. The result must fit in memory; `pages` gives one
        that does not.

        Parameters
        ----------
        query
            One SELECT of at most 100,000 characters. Values go in as `?` or `$name`.
        params
            A sequence for `?`, a mapping for `$name`.
        arrow
            Return a `pyarrow.Table` rather than a DataFrame.
        cancel
            A token, such as `threading.Event`: once it is set, the query stops between two pieces
            of its work, mostly within a tenth of a second. What is one piece runs to its end: one
            call of a function on a huge value (`md5(repeat('a', 4000000000))`), and constants,
            which are computed while the query is planned.
        timeout
            Seconds after which the query stops, in the same way; no end where `None`.

        Raises
        ------
        InputError
            Not one SELECT, too long, an unknown column, a parameter of a type that SQL has not,
            a token or time that is none, or what could end the process: `from_json`,
            `json_transform` and their strict forms, the type `variant`, and functions that run a
            text as SQL.
        NotFoundError
            An unknown table; the message lists what there is.
        CancelledError
            The token was set.
        WarehouseError
            The time is over.
        KeyboardInterrupt
            Ctrl-C came; the query is stopped in the same way.
        IntegrityError
            A part or artifact is missing or corrupt; the message names it.
        """
        self.flush()
        table = self._reader.run(query, params, cancel=cancel, timeout=timeout)
        return table if arrow else table.to_pandas()

    def pages(
        self,
        query: str,
        params: Params = None,
        *,
        rows: int = 100_000,
        cancel: CancelToken | None = None,
    ) -> Pages:
        """Return a query's rows by pages, for what is too long for memory.

        All pages are of one state of the warehouse, whatever is written, compacted and swept
        meanwhile. What they read is kept until the last one was read, the block is left, or
        `close` is called; so use it as a context manager.

        Parameters
        ----------
        query, params
            As for `sql`. A page must fit in memory; ORDER BY, GROUP BY and joins need memory for
            what they hold.
        rows
            Rows of a page; the last one may have fewer.
        cancel
            A token that stops the query, between two pieces of its work: see `sql`.

        Returns
        -------
        Pages
            An iterator of `pyarrow.Table`s, and a context manager.

        Raises
        ------
        InputError, NotFoundError, CancelledError, IntegrityError
            As `sql`; `CancelledError` may come with any page.

        Examples
        --------
        >>> import tempfile
        >>> with Warehouse(tempfile.mkdtemp()).pages("from range(250)", rows=100) as pages:
        ...     [len(page) for page in pages]
        [100, 100, 50]
        """
        self.flush()
        return self._reader.pages(query, params, rows=rows, cancel=cancel)

    def explain(self, query: str, params: Params = None) -> str:
        """Return DuckDB's plan for a query."""
        return self._reader.explain(query, params)

    def compact(self, *, progress: ProgressCallback | None = None) -> Compacted:
        """Merge small parts into large ones, move single backtests into parts, and sweep.

        Nobody sees other rows for it, and who is reading reads on. A kill at any moment loses
        nothing.

        Parameters
        ----------
        progress
            Told how many rows are done.

        Raises
        ------
        LeaseHeldError
            Another compaction, retention or backup is under way.
        IntegrityError
            A part is corrupt; its rows stay where they are.

        Examples
        --------
        >>> import tempfile
        >>> Warehouse(tempfile.mkdtemp()).compact().outputs
        0
        """
        self.flush()
        with self.control.read() as transaction:
            stop = single_digest.next_index(transaction)
        self._claims.sign()  # single backtests are signed where they are, and move then
        done = compaction.compact(self.control, self._parts, singles_before=stop, progress=progress)
        self.sweep()
        return done

    def sweep(self) -> Upkeep:
        """Clear away what nobody needs: any process may do so at any time.

        That is what dead writers and readers left, files that a compaction replaced, and files of
        runs that are not among the newest (`HYPRL_KEEP_RUNS`, 100) nor proof of a verdict that
        passed. Files that somebody reads stay. A file that no row names is left alone: it may be
        of a database that was lost.
        """
        self.flush()
        forget(self.control, self._journals)
        return upkeep.sweep(self._claims, self._parts, self.pins, self._runs, staging=self.scratch)

    def verify(self, *, key_id: str | None = None) -> Verification:
        """Check everything: the chain, runs and their files, parts, and the content of studies.

        Every finding is returned, none is raised; others may write meanwhile. All files are read,
        so it takes as long as that.

        Parameters
        ----------
        key_id
            Of the key that must have signed the checkpoint, as you noted it elsewhere; whoever
            can write the home can put another key in its place.

        Raises
        ------
        InputError
            `key_id` is no name of a key.
        """
        self.flush()
        return upkeep.verify(self._runs, self._ledger, key_id=key_id)

    def snapshot(
        self, path: str | Path, *, overwrite: bool = False, progress: ProgressCallback | None = None
    ) -> Snapshot:
        """Write a DuckDB file with a table for each view, all from one state.

        Parameters
        ----------
        path
            The file; the folder it is in has to be there.
        overwrite
            Replace a file that is there.
        progress
            Told how many tables are done.

        Raises
        ------
        WarehouseError
            There is such a file, or it can't be written; what was there is as it was.
        """
        from hyprl_lab.store.snapshot import write_snapshot

        self.flush()
        return write_snapshot(self._reader, path, overwrite=overwrite, progress=progress)

    def backup(
        self, folder: str | Path, *, progress: ProgressCallback | None = None
    ) -> BackupContent:
        """Copy everything into a folder, from one state, while others go on writing.

        It holds the control database, parts, artifacts, the checkpoint and the public key that
        it verifies under. Private keys are not in it. The folder can be read by its owner alone.

        Parameters
        ----------
        folder
            New, or empty.
        progress
            Told how many bytes are copied.

        Raises
        ------
        WarehouseError
            The folder holds something, or can't be written; nothing is left behind.
        IntegrityError
            A file of the warehouse is missing or corrupt, or its checkpoint is not of its chain;
            the message says which.
        """
        from hyprl_lab.store.backup import backup

        self.flush()
        return backup(self._claims, self._parts, self.pins, folder, progress=progress)

    def restore(
        self, folder: str | Path, *, progress: ProgressCallback | None = None
    ) -> BackupContent:
        """Make this home what a backup holds; the home must be one without a ledger.

        Everything is checked first, and a kill before the end leaves a home without a ledger,
        where the same backup can be restored again. The control database may be of another kind
        than the one that was backed up.

        Parameters
        ----------
        folder
            What `backup` wrote.
        progress
            Told how many bytes are checked and copied.

        Raises
        ------
        WarehouseError
            The home has a ledger, or can't be written.
        IntegrityError
            The backup is damaged, or not exactly what its own database names; nothing was
            changed.
        """
        from hyprl_lab.store.backup import restore

        self._release()
        try:
            return restore(folder, self.home, self._own_database, progress=progress)
        finally:
            self._release()

    def status(self) -> Status:
        """Return what the warehouse holds."""
        return holdings.look(
            self.control,
            self.pins,
            home=self.home,
            ledger_id=self.ledger_id,
            waiting=self.waiting,
        )

    def close(self) -> None:
        """Commit what is queued and close connections; the warehouse can be used again."""
        self._recorder.flush()
        self._recorder.close_journal()
        if "_reader" in self.__dict__:
            self._reader.close()
        if "_claims" in self.__dict__:
            self.control.close()

    def _release(self) -> None:
        """Close everything and forget it, so that it is opened anew."""
        self.close()
        for name in ("_reader", "_runs", "_ledger", "_bars", "_parts", "pins", "run_states"):
            self.__dict__.pop(name, None)
        self.__dict__.pop("_claims", None)
        self._roots.clear()
