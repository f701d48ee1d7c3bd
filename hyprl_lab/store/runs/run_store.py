"""Runs: one evaluated config with its artifacts, stored once, linked in a chain.

Each run's row follows the one before: `chain_hash` = SHA-256 of the bytes of `chain_prev` and
`manifest_hash`, and `chain_prev` is the `chain_hash` of the run before, or the SHA-256 of the
ledger's id for the first. No two runs can follow the same one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import InputError, IntegrityError, NotFoundError, WarehouseError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store.control.writer import now_us
from hyprl_lab.store.defined import defined
from hyprl_lab.store.parts.folder import copy_synced, file_sha256, fsync_folder
from hyprl_lab.store.runs import artifacts
from hyprl_lab.store.schemas import equity_schema, orders_schema, trades_schema
from hyprl_lab.store.tables import equity_table, orders_table, trades_table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from hyprl_lab.store.control.database import Control, Transaction
    from hyprl_lab.types import JsonValue

__all__ = ["RunRecord", "RunStore", "StoredRun"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunRecord:
    """What is stored of a run; the key is (`run_hash`, `engine`, `engine_version`).

    The engines number their versions apart, so one number may be of both.

    Parameters
    ----------
    run_hash
        SHA-256 in hexadecimal, of the config and everything that decides the result.
    engine, engine_version
        Which engine computed it.
    config
        The whole config as JSON, defaults filled in.
    metrics
        By name; `None` or NaN where undefined.
    reasons
        Why a metric is undefined, by its name.
    trades
        The columns of `trades_schema()` without `run_hash`.
    equity
        A series indexed by UTC time, or a table of `ts` and `equity`.
    orders
        The columns of `orders_schema()` without `run_hash`; `None` stores no orders.
    """

    run_hash: str
    engine: str
    engine_version: str
    config: Mapping[str, JsonValue]
    metrics: Mapping[str, float | None]
    trades: pd.DataFrame | pa.Table
    equity: pd.Series[float] | pa.Table
    symbol: str
    timeframe: str
    fingerprint: str
    lineage_root: str
    strategy_hash: str
    strategy_name: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    orders: pd.DataFrame | pa.Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run as the warehouse holds it.

    Parameters
    ----------
    seq
        Its place in the chain, from 0.
    folder
        Where its artifacts are.
    created_at
        Microseconds since the epoch, UTC.
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
    manifest_hash: str
    chain_prev: str
    chain_hash: str
    created_at: int

    def trades(self) -> pd.DataFrame:
        """Return the run's trades; a column is empty where the run is older than it."""
        return _frame(self.folder / "trades.parquet", trades_schema())

    def orders(self) -> pd.DataFrame:
        """Return the run's orders.

        Raises
        ------
        NotFoundError
            The run was stored without them.
        """
        path = self.folder / "orders.parquet"
        if not path.is_file():
            raise NotFoundError(
                f"run {self.run_hash} was stored without its orders; run its config again and save "
                "it with this version"
            )
        return _frame(path, orders_schema())

    def equity(self) -> pd.Series[float]:
        """Return money at each bar's close, indexed by UTC time."""
        path = self.folder / "equity.parquet"
        return _frame(path, equity_schema()).set_index("ts")["equity"]


class RunStore:
    """The runs of one warehouse."""

    def __init__(self, control: Control, folder: Path, staging: Path, ledger_id: str) -> None:
        self._control = control
        self._folder = folder
        self._staging = staging
        self._genesis = hashlib.sha256(ledger_id.encode()).hexdigest()

    def save(self, run: RunRecord) -> bool:
        """Store a run once; see `Warehouse.save_run`."""
        key = {
            "run_hash": run.run_hash,
            "engine": run.engine,
            "engine_version": run.engine_version,
        }
        with self._control.read() as transaction:
            if transaction.row("runs.get", **key):
                return False
        config = canonical_json(dict(run.config))
        metrics = defined(run.metrics)
        contents: dict[str, bytes | pa.Table] = {
            "config.json": config,
            "metrics.json": canonical_json({"values": metrics, "reasons": dict(run.reasons)}),
            "trades.parquet": trades_table(run.run_hash, run.trades),
            "equity.parquet": equity_table(run.run_hash, run.equity),
        }
        if run.orders is not None:
            contents["orders.parquet"] = orders_table(run.run_hash, run.orders)
        staged = artifacts.stage(self._staging, key, contents)
        try:
            with self._control.write() as transaction:
                if transaction.row("runs.get", **key):
                    return False
                self._insert(transaction, run, staged, config.decode(), metrics)
        except OSError as error:
            raise WarehouseError(
                f"{self._folder} can't be written ({error.strerror}); the run was not recorded"
            ) from error
        finally:
            staged.discard()
        return True

    def _insert(
        self,
        transaction: Transaction,
        run: RunRecord,
        staged: artifacts.Staged,
        config: str,
        metrics: Mapping[str, JsonValue],
    ) -> None:
        versions = transaction.row("runs.versions", run_hash=run.run_hash) or {"versions": 0}
        other = versions["versions"]
        folder = run.run_hash if not other else f"{run.run_hash}.{other + 1}"
        head = transaction.row("runs.head") or {"seq": -1, "chain_hash": self._genesis}
        artifacts.place(staged, self._folder / folder)
        transaction.execute(
            "runs.insert",
            seq=head["seq"] + 1,
            run_hash=run.run_hash,
            engine=run.engine,
            engine_version=run.engine_version,
            folder=folder,
            symbol=run.symbol,
            timeframe=run.timeframe,
            fingerprint=run.fingerprint,
            lineage_root=run.lineage_root,
            strategy_hash=run.strategy_hash,
            strategy_name=run.strategy_name,
            config=config,
            metrics=canonical_json(metrics).decode(),
            manifest=staged.manifest.decode(),
            manifest_hash=staged.manifest_hash,
            chain_prev=head["chain_hash"],
            chain_hash=chain_hash(head["chain_hash"], staged.manifest_hash),
            now=now_us(),
        )

    def get(
        self, run_hash: str, engine_version: str | None = None, engine: str | None = None
    ) -> StoredRun:
        """Return a stored run; see `Warehouse.get_run`."""
        with self._control.read() as transaction:
            return self._stored(self._row(transaction, run_hash, engine_version, engine))

    def all(self) -> list[StoredRun]:
        """Return all runs, the oldest first."""
        with self._control.read() as transaction:
            return [self._stored(row) for row in transaction.rows("runs.all")]

    def head(self) -> tuple[int, str]:
        """Return the number of runs and the hash their chain ends in."""
        with self._control.read() as transaction:
            row = transaction.row("runs.head")
        return (row["seq"] + 1, row["chain_hash"]) if row else (0, self._genesis)

    def verify(
        self, run_hash: str, engine_version: str | None = None, engine: str | None = None
    ) -> None:
        """Hash a run's artifacts again; see `Warehouse.verify_run`."""
        with self._control.read() as transaction:
            row = self._row(transaction, run_hash, engine_version, engine)
            attached = transaction.rows("runs.artifacts", run_seq=row["seq"])
        folder = self._folder / row["folder"]
        artifacts.check_manifest(folder, row["manifest"].encode(), row["manifest_hash"])
        for entry in attached:
            artifacts.check_file(folder / entry["file"], entry["size"], entry["sha256"])
        stored = json.loads((folder / "metrics.json").read_bytes())["values"]
        same_config = row["config"].encode() == (folder / "config.json").read_bytes()
        if not same_config or json.loads(row["metrics"]) != stored:
            raise IntegrityError(
                f"the row of run {run_hash} differs from its artifacts in {folder}; "
                "bring the control database back from a backup"
            )

    def verify_chain(self) -> int:
        """Check that the rows link up from the first to the last; see `Warehouse.verify_chain`."""
        previous, seq = self._genesis, 0
        with self._control.read() as transaction:
            rows = transaction.rows("runs.all")
        for row in rows:
            linked = (row["seq"], row["chain_prev"]) == (seq, previous)
            previous, seq = chain_hash(row["chain_prev"], row["manifest_hash"]), seq + 1
            if not linked or row["chain_hash"] != previous:
                raise IntegrityError(
                    f"run {row['run_hash']} does not follow the one before it in the chain "
                    f"(place {row['seq']}, expected {seq - 1}); a row was changed or removed"
                )
        return seq

    def attach(
        self,
        run_hash: str,
        name: str,
        path: Path,
        engine_version: str | None = None,
        engine: str | None = None,
    ) -> Path:
        """Add a file to a stored run; see `Warehouse.add_artifact`."""
        if "/" in name or name.startswith(".") or not name:
            raise InputError(f"artifact name {name!r} is not a plain file name")
        if not path.is_file():
            raise NotFoundError(f"no file {path} to keep as an artifact of run {run_hash}")
        staged = self._staging / f"artifact-{run_hash[:16]}-{now_us()}"
        try:
            copy_synced(path, staged)
            size, hashed = staged.stat().st_size, file_sha256(staged)
            with self._control.write() as transaction:
                row = self._row(transaction, run_hash, engine_version, engine)
                folder = self._folder / str(row["folder"])
                revisions = [
                    entry
                    for entry in transaction.rows("runs.artifacts", run_seq=row["seq"])
                    if entry["name"] == name
                ]
                for entry in revisions[-1:]:
                    if entry["sha256"] == hashed:
                        return folder / str(entry["file"])
                target = folder / _revised(name, len(revisions))
                if target.name in _own_files(row):
                    raise InputError(f"{name} is one of the run's own files; choose another name")
                staged.rename(target)
                fsync_folder(folder)
                transaction.execute(
                    "runs.attach",
                    run_seq=row["seq"],
                    name=name,
                    revision=len(revisions),
                    file=target.name,
                    size=size,
                    sha256=hashed,
                    now=now_us(),
                )
        except OSError as error:
            raise WarehouseError(
                f"{name} can't be kept in {self._folder} ({error.strerror})"
            ) from error
        finally:
            staged.unlink(missing_ok=True)
        return target

    def _row(
        self,
        transaction: Transaction,
        run_hash: str,
        engine_version: str | None,
        engine: str | None,
    ) -> dict[str, Any]:
        row = transaction.row(
            "runs.newest", run_hash=run_hash, engine_version=engine_version, engine=engine
        )
        if row is None:
            named = " ".join(part for part in (engine, engine_version) if part)
            which = f" by engine {named}" if named else ""
            raise NotFoundError(f"no run {run_hash}{which} in {self._control.path}")
        return row

    def _stored(self, row: dict[str, Any]) -> StoredRun:
        given = {k: row[k] for k in StoredRun.__dataclass_fields__ if k != "folder"}
        given |= {"config": json.loads(row["config"]), "metrics": json.loads(row["metrics"])}
        return StoredRun(folder=self._folder / row["folder"], **given)


def chain_hash(chain_prev: str, manifest_hash: str) -> str:
    """Return the hash of a link of the chain, in hexadecimal.

    Examples
    --------
    >>> chain_hash("00" * 32, "00" * 32)[:8]
    'f5a5fd42'
    """
    return hashlib.sha256(bytes.fromhex(chain_prev) + bytes.fromhex(manifest_hash)).hexdigest()


def _own_files(row: dict[str, Any]) -> set[str]:
    files = json.loads(row["manifest"])["files"]
    return {artifacts.MANIFEST, *(entry["file"] for entry in files)}


def _revised(name: str, revision: int) -> str:
    if not revision:
        return name
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}-{revision + 1}.{suffix}" if dot else f"{name}-{revision + 1}"


def _frame(path: Path, schema: pa.Schema) -> pd.DataFrame:
    """Return an artifact with every column of today's schema; those it lacks are null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    for name in schema.names:
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(len(table), schema.field(name).type))
    frame: pd.DataFrame = table.select(schema.names[1:]).to_pandas()
    return frame
