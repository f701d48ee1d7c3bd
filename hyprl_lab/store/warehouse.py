"""One warehouse: everything the lab remembers, under one home folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, overload

from hyprl_lab.store.bar_book import BarBook
from hyprl_lab.store.queries import reader
from hyprl_lab.store.run_book import RunBook
from hyprl_lab.store.trial_book import TrialBook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    Params = Mapping[str, object] | Sequence[object] | None

__all__ = ["Status", "Warehouse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a warehouse holds.

    Parameters
    ----------
    trials, blocks
        Rows committed in parts; `small_trials` are single backtests, in the control database.
    live_parts, pending_parts, dead_parts
        Parts by state; a pending one is being written, or its writer died.
    size
        Bytes of the live parts.
    waiting
        Trials this process has recorded and not committed yet.
    bar_sets
        Sets of bars.
    intended_shards
        Shards announced and not committed: their trials count as evaluated.
    """

    home: Path
    ledger_id: str
    studies: int
    runs: int
    verdicts: int
    bar_sets: int
    trials: int
    blocks: int
    small_trials: int
    live_parts: int
    pending_parts: int
    dead_parts: int
    size: int
    waiting: int
    intended_shards: int


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
    def sql(self, query: str, params: Params = None, *, arrow: Literal[True]) -> pa.Table: ...

    @overload
    def sql(self, query: str, params: Params = None, *, arrow: bool = False) -> pd.DataFrame: ...

    def sql(
        self, query: str, params: Params = None, *, arrow: bool = False
    ) -> pa.Table | pd.DataFrame:
        """Run one SELECT in DuckDB's SQL; it can't change anything, nor read other files.

        Views: `trials`, `trial_blocks`, `studies`, `shards`, `lineages`, `backtests`, `runs`,
        `equity`, `trades`, `orders`, `verdicts`, `bar_sets`, `bars`. The query sees one state of
        the warehouse, this process's own recorded trials included.

        Parameters
        ----------
        query
            One SELECT. Values go in as `?` or `$name`.
        params
            A sequence for `?`, a mapping for `$name`.
        arrow
            Return a `pyarrow.Table` rather than a DataFrame.

        Raises
        ------
        InputError
            Not one SELECT, or an unknown column.
        NotFoundError
            An unknown table; the message lists what there is.
        IntegrityError
            A part or artifact is missing or corrupt; the message names it.
        """
        self.flush()
        table = self._run(query, params)
        return table if arrow else table.to_pandas()

    def explain(self, query: str, params: Params = None) -> str:
        """Return DuckDB's plan for a query."""
        return reader.explain(
            query, params, control=self.control, parts=self._parts, artifacts=self.artifacts
        )

    def sweep(self) -> int:
        """Clear away what dead writers left; return how many parts."""
        return self._parts.sweep()

    def status(self) -> Status:
        """Return what the warehouse holds."""
        with self.control.read() as transaction:
            counts = transaction.row("meta.count") or {}
            parts = transaction.rows("parts.count")
        live = [row for row in parts if row["state"] == "live"]

        def number(state: str) -> int:
            return sum(row["parts"] for row in parts if row["state"] == state)

        return Status(
            home=self.home,
            ledger_id=self.ledger_id,
            trials=sum(row["rows"] for row in live if row["table_name"] == "trials"),
            blocks=sum(row["rows"] for row in live if row["table_name"] == "trial_blocks"),
            live_parts=number("live"),
            pending_parts=number("pending"),
            dead_parts=number("dead"),
            size=sum(row["bytes"] for row in live),
            waiting=self.waiting,
            **counts,
        )

    def close(self) -> None:
        """Commit what is queued and close connections; the warehouse can be used again."""
        self.flush()
        if "control" in self.__dict__:
            self.control.close()
