"""A run as the warehouse holds it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import IntegrityError, NotFoundError
from hyprl_lab.store.runs import artifacts
from hyprl_lab.store.schemas import equity_schema, orders_schema, trades_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from hyprl_lab.types import JsonValue

__all__ = ["StoredRun", "stored_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run as the warehouse holds it.

    Parameters
    ----------
    seq
        How many runs were stored before it.
    folder
        Where its artifacts are.
    manifest
        What `manifest.json` says; `files` lists each artifact with its size and hash.
    seed, code_version, environment_hash
        `None` for runs that are older than these.
    created_at
        Microseconds since the epoch, UTC.
    removed
        Names of its files that retention has given up.
    """

    seq: int
    run_hash: str
    engine: str
    engine_version: str
    state: str
    folder: Path
    symbol: str
    timeframe: str
    fingerprint: str
    lineage_root: str
    strategy_hash: str
    strategy_name: str
    config: dict[str, JsonValue]
    metrics: dict[str, float | None]
    manifest: dict[str, Any]
    manifest_hash: str
    chain_prev: str
    chain_hash: str
    seed: int | None
    code_version: str | None
    environment_hash: str | None
    created_at: int
    removed: frozenset[str] = frozenset()

    def trades(self) -> pd.DataFrame:
        """Return the run's trades; a column is empty where the run is older than it.

        Raises
        ------
        NotFoundError
            Retention has given the file up.
        IntegrityError
            The file is not what was stored.
        """
        return self._frame("trades.parquet", trades_schema())

    def orders(self) -> pd.DataFrame:
        """Return the run's orders.

        Raises
        ------
        NotFoundError
            The run was stored without them, or retention has given the file up.
        IntegrityError
            The file is not what was stored.
        """
        if self.entry("orders.parquet") is None:
            raise NotFoundError(
                f"run {self.run_hash} was stored without its orders; run its config again and save "
                "it with this version"
            )
        return self._frame("orders.parquet", orders_schema())

    def equity(self) -> pd.Series[float]:
        """Return money at each bar's close, indexed by UTC time.

        Raises
        ------
        NotFoundError
            Retention has given the file up.
        IntegrityError
            The file is not what was stored.
        """
        return self._frame("equity.parquet", equity_schema()).set_index("ts")["equity"]

    def features(self) -> pd.DataFrame:
        """Return the feature matrix, indexed by UTC time.

        Raises
        ------
        NotFoundError
            The run was stored without one, or retention has given the file up.
        IntegrityError
            The file is not what was stored.
        """
        if self.entry("features.parquet") is None:
            raise NotFoundError(
                f"run {self.run_hash} was stored without features; save its result with "
                "features=True"
            )
        frame: pd.DataFrame = self.table("features.parquet").to_pandas()
        return frame.drop(columns="run_hash").set_index("ts")

    def entry(self, name: str) -> Mapping[str, Any] | None:
        """Return what the manifest says of an artifact, `None` where it names none like it.

        Parameters
        ----------
        name
            Such as `equity.parquet`; its entry has `file`, `size` (bytes), `sha256` and, for a
            table in a manifest of schema 2, `content`: see
            `hyprl_lab.store.trials.digests.table_digest`.
        """
        entries: Iterable[Mapping[str, Any]] = self.manifest["files"]
        return next((entry for entry in entries if entry["file"] == name), None)

    def table(self, name: str) -> pa.Table:
        """Return a table of the run as it was stored, checked against the manifest.

        Parameters
        ----------
        name
            The file's, such as `equity.parquet`.

        Raises
        ------
        NotFoundError
            Retention has given the file up, it is missing, or the run was stored without it.
        IntegrityError
            The file is not what was stored.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        content = self.content(name)
        try:
            return pq.read_table(pa.BufferReader(content))
        except (pa.ArrowException, OSError) as error:
            raise self._damaged(f"{name} is no Parquet file ({error})") from error

    def content(self, name: str) -> bytes:
        """Return the bytes of a file of the run, checked against the manifest.

        Raises
        ------
        NotFoundError
            Retention has given the file up, it is missing, or the run was stored without it.
        IntegrityError
            The file is not what was stored.
        """
        if name in self.removed:
            raise NotFoundError(
                f"{name} of run {self.run_hash} was given up to keep the newest runs' files; "
                f"hl.runs.reproduce({self.run_hash[:12]!r}).result is the run computed again, with "
                "its tables; HYPRL_KEEP_RUNS says how many are kept"
            )
        entry = self.entry(name)
        if entry is None:
            raise NotFoundError(f"run {self.run_hash} was stored without {name}")
        path = self.folder / name
        try:
            return artifacts.checked(path, entry["size"], entry["sha256"])
        except IntegrityError as error:
            if os.path.lexists(path):
                raise self._damaged(str(error)) from error
            raise NotFoundError(
                f"{path} is not there (any more): `hyprl runs verify {self.run_hash}` says whether "
                "it was given up or lost"
            ) from error

    def _damaged(self, what: str) -> IntegrityError:
        return IntegrityError(
            f"run {self.run_hash[:12]}: {what}; bring it back from a backup, and see: "
            f"hyprl runs verify {self.run_hash[:12]}"
        )

    def _frame(self, name: str, schema: pa.Schema) -> pd.DataFrame:
        """Return an artifact with every column of today's schema; those it lacks are null."""
        import pyarrow as pa

        table = self.table(name)
        for column in schema.names:
            if column not in table.column_names:
                kind = schema.field(column).type
                table = table.append_column(column, pa.nulls(len(table), kind))
        frame: pd.DataFrame = table.select(schema.names[1:]).to_pandas()
        return frame


def stored_run(row: Mapping[str, Any], removed: Iterable[str], folder: Path) -> StoredRun:
    """Return a row of table `runs` as a run.

    Parameters
    ----------
    row
        All its columns.
    removed
        Names of its files that were given up.
    folder
        Where the folders of all runs are.
    """
    parsed = {name: json.loads(row[name]) for name in ("config", "metrics", "manifest")}
    given = {name: row[name] for name in StoredRun.__dataclass_fields__ if name in row}
    places = {"folder": folder / row["folder"], "removed": frozenset(removed)}
    return StoredRun(**{**given, **parsed, **places})
