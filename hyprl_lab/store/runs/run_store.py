"""Runs: one evaluated config with its artifacts, stored once, claimed in the chain."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, cast

from hyprl_lab.errors import InputError, NotFoundError, WarehouseError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store.control.writer import now_us
from hyprl_lab.store.defined import defined
from hyprl_lab.store.runs import artifacts, retention, verification
from hyprl_lab.store.runs.attachments import attach
from hyprl_lab.store.runs.manifest import CLAIMED, CONFIG, METRICS, folder_of, identity_of
from hyprl_lab.store.runs.stored import stored_run
from hyprl_lab.store.tables import equity_table, features_table, orders_table, trades_table

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from hyprl_lab.store.control.database import Transaction
    from hyprl_lab.store.parts.pins import Pins
    from hyprl_lab.store.runs.claims import Claims
    from hyprl_lab.store.runs.record import RunRecord
    from hyprl_lab.store.runs.retention import Cleared
    from hyprl_lab.store.runs.states import RunStates
    from hyprl_lab.store.runs.stored import StoredRun
    from hyprl_lab.store.runs.verification import Verification
    from hyprl_lab.types import JsonValue

__all__ = ["RunStore"]


class RunStore:
    """The runs of one warehouse.

    Parameters
    ----------
    claims
        Of its ledger; with the control database.
    folder
        Where each run has a folder.
    staging
        Where what is in the making lies, on the same file system.
    states
        What becomes of submitted runs.
    pins
        Who is reading.
    """

    def __init__(
        self, claims: Claims, folder: Path, staging: Path, states: RunStates, pins: Pins
    ) -> None:
        self._claims = claims
        self._control = claims.control
        self._folder = folder
        self._staging = staging
        self._states = states
        self._pins = pins

    def save(self, run: RunRecord, attempt: int | None = None) -> bool:
        """Store a run once, and return whether it is new; see `Warehouse.save_run`.

        Parameters
        ----------
        attempt
            Number of the attempt that computed it, of a run that was submitted.

        Raises
        ------
        AttemptLostError
            The run is that attempt's no more; nothing is stored.
        IntegrityError
            The chain does not hold what was signed; nothing is stored.
        """
        keep = retention.kept_runs()  # a setting that is wrong is said before anything is stored
        key = (run.run_hash, run.engine, run.engine_version)
        if not self._has(key):
            staged = artifacts.stage(self._staging, identity_of(run), _contents(run))
            try:
                with self._control.write() as transaction:
                    new = transaction.row("runs.get", **_named(key)) is None
                    if new:
                        self._insert(transaction, run, staged, attempt)
            except OSError as error:
                raise WarehouseError(
                    f"{self._folder} can't be written ({error.strerror}); the run was not recorded"
                ) from error
            finally:
                staged.discard()
        else:
            new = False
        self._claims.sign()  # also where another process stored it, and has not signed yet
        if new:
            retention.retain_when_due(self._claims, keep)
        return new

    def get(
        self, run_hash: str, engine_version: str | None = None, engine: str | None = None
    ) -> StoredRun:
        """Return a stored run; see `Warehouse.get_run`."""
        with self._control.read() as transaction:
            row = self._row(transaction, run_hash, engine_version, engine)
            removed = transaction.rows("runs.removed", run_seq=row["seq"])
        return stored_run(row, (entry["file"] for entry in removed), self._folder)

    def all(self) -> list[StoredRun]:
        """Return all runs, the oldest first."""
        removed: defaultdict[int, list[str]] = defaultdict(list)
        with self._control.read() as transaction:
            rows = transaction.rows("runs.all")
            for entry in transaction.rows("runs.removals"):
                removed[entry["run_seq"]].append(entry["file"])
        return [stored_run(row, removed[row["seq"]], self._folder) for row in rows]

    def starting(self, start: str) -> list[dict[str, Any]]:
        """Return every state of the runs whose hash starts so; see `Warehouse.runs_starting`."""
        with self._claims.control.read() as transaction:
            return transaction.rows("runs.starting", start=start)

    def mentioned(self, start: str) -> list[str]:
        """Return the run hashes that start so; see `Warehouse.run_hashes_mentioned`."""
        with self._claims.control.read() as transaction:
            return [row["run_hash"] for row in transaction.rows("runs.mentioned", start=start)]

    def environment(self, environment_hash: str) -> dict[str, JsonValue]:
        """Return what a run was made with.

        Raises
        ------
        NotFoundError
            None of that hash is stored.
        """
        with self._control.read() as transaction:
            row = transaction.row("runs.environment", hash=environment_hash)
        if row is None:
            raise NotFoundError(f"no environment {environment_hash} in {self._control.name}")
        return cast("dict[str, JsonValue]", json.loads(row["body"]))

    def attach(
        self,
        run_hash: str,
        name: str,
        path: Path,
        engine_version: str | None = None,
        engine: str | None = None,
    ) -> Path:
        """Add a file to a stored run; see `Warehouse.add_artifact`."""
        with self._control.read() as transaction:
            row = self._row(transaction, run_hash, engine_version, engine)
        return attach(self._claims, row, name, path, folder=self._folder, place=self._staging)

    def verify(self, run_hash: str | None = None, *, key_id: str | None = None) -> Verification:
        """Check the chain, and the files of all runs or of one hash; see `verification.verify`."""
        return verification.verify(self._claims, self._folder, self._pins, run_hash, key_id=key_id)

    def retain(self) -> int:
        """Give up the files of runs beyond those that are kept; return of how many runs."""
        return retention.retain(self._claims)

    def clear(self) -> Cleared:
        """Unlink what retention and dead writers left, unless somebody reads it."""
        return retention.clear(self._claims, self._folder, self._pins)

    def _has(self, key: tuple[str, str, str]) -> bool:
        with self._control.read() as transaction:
            return transaction.row("runs.get", **_named(key)) is not None

    def _insert(
        self,
        transaction: Transaction,
        run: RunRecord,
        staged: artifacts.Staged,
        attempt: int | None,
    ) -> None:
        versions = transaction.row("runs.versions", run_hash=run.run_hash) or {"versions": 0}
        number = transaction.row("runs.next") or {"seq": 0}
        folder = folder_of(run.run_hash, versions["versions"])
        self._states.complete(transaction, run, attempt, staged.files)
        _keep_environment(transaction, run)
        artifacts.place(staged, self._folder / folder)
        link = self._claims.append(transaction, "run", run.run_hash, staged.manifest)
        transaction.execute(
            "runs.insert",
            seq=number["seq"],
            folder=folder,
            config=canonical_json(dict(run.config)).decode(),
            metrics=canonical_json(defined(run.metrics)).decode(),
            manifest=staged.text.decode(),
            manifest_hash=link.body_hash,
            chain_prev=link.chain_prev,
            chain_hash=link.chain_hash,
            **{name: staged.manifest[name] for name in CLAIMED},
        )

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
            raise NotFoundError(f"no run {run_hash}{which} in {self._control.name}")
        return row


def _named(key: tuple[str, str, str]) -> dict[str, str]:
    return dict(zip(("run_hash", "engine", "engine_version"), key, strict=True))


def _keep_environment(transaction: Transaction, run: RunRecord) -> None:
    if run.environment is not None:
        transaction.execute(
            "runs.keep_environment",
            hash=run.environment_hash,
            body=canonical_json(dict(run.environment)).decode(),
            now=now_us(),
        )
    needed = run.environment_hash
    if needed is not None and transaction.row("runs.environment", hash=needed) is None:
        raise InputError(f"environment {needed} is not stored; hand the environment in as well")


def _contents(run: RunRecord) -> dict[str, bytes | pa.Table]:
    contents: dict[str, bytes | pa.Table] = {
        CONFIG: canonical_json(dict(run.config)),
        METRICS: canonical_json({"values": defined(run.metrics), "reasons": dict(run.reasons)}),
        "trades.parquet": trades_table(run.run_hash, run.trades),
        "equity.parquet": equity_table(run.run_hash, run.equity),
    }
    if run.orders is not None:
        contents["orders.parquet"] = orders_table(run.run_hash, run.orders)
    if run.features is not None:
        contents["features.parquet"] = features_table(run.run_hash, run.features)
    return contents
