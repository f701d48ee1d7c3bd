"""Which runs keep their files: the newest ones, and those of a verdict that passed.

Of the others the tables and what was added to them go; `manifest.json`, `config.json` and
`metrics.json` stay, and so do the digests of what the tables said. A file is given up in two
steps, and each is claimed in the chain: its row, then its name, once no reader can have listed it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import ConfigError, WarehouseError
from hyprl_lab.store import disk
from hyprl_lab.store.control.writer import now_us
from hyprl_lab.store.parts import generations
from hyprl_lab.store.parts.compaction import MAINTENANCE
from hyprl_lab.store.parts.leases import Lease, LeaseHeldError
from hyprl_lab.store.runs import attachments
from hyprl_lab.store.runs.manifest import CONFIG, METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from hyprl_lab.store.control.database import Transaction
    from hyprl_lab.store.parts.pins import Pins
    from hyprl_lab.store.runs.claims import Claims
    from hyprl_lab.types import JsonValue

__all__ = ["Cleared", "claim_of", "clear", "kept_runs", "retain", "retain_when_due"]

VARIABLE: Final = "HYPRL_KEEP_RUNS"
_KEPT: Final = 100
_SLACK: Final = 10
"""How many runs more may have files before a save gives some up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """What a sweep unlinked in the folders of runs.

    Parameters
    ----------
    files
        Given up by retention, or left by a writer that died.
    pinned
        Given up too, and kept for now: a reader may have listed them.
    """

    files: int
    pinned: int


def kept_runs() -> int | None:
    """Return how many runs keep their files, `None` for all: `HYPRL_KEEP_RUNS`, or 100.

    Raises
    ------
    ConfigError
        The variable is neither a number nor `all`.

    Examples
    --------
    >>> import os
    >>> os.environ["HYPRL_KEEP_RUNS"] = "all"
    >>> kept_runs() is None
    True
    >>> _ = os.environ.pop("HYPRL_KEEP_RUNS")
    """
    given = os.environ.get(VARIABLE, "").strip()
    if not given:
        return _KEPT
    if given == "all":
        return None
    if not given.isascii() or not given.isdigit():
        raise ConfigError(f"{VARIABLE} is {given!r}; expected a number of runs from 0, or all")
    return int(given)


def retain_when_due(claims: Claims, keep: int | None) -> int:
    """Give up files where many more runs have some than are kept; return of how many runs.

    Where another process is at maintenance, the next save or sweep does it.

    Parameters
    ----------
    keep
        See `kept_runs`.
    """
    if keep is None:
        return 0
    with claims.control.read() as transaction:
        row = transaction.row("runs.aged_count", last=_last(transaction, keep))
    if row is None or row["runs"] <= _SLACK:
        return 0
    try:
        with Lease.take(claims.control, MAINTENANCE) as lease:
            return retain(claims, lease)
    except LeaseHeldError:
        return 0


def retain(claims: Claims, lease: Lease | None = None) -> int:
    """Give up the files of all runs but those that are kept; return of how many runs.

    Parameters
    ----------
    lease
        The caller's, for maintenance.
    """
    keep = kept_runs()
    if keep is None:
        return 0
    with claims.control.write() as transaction:
        if lease is not None:
            lease.check(transaction)
        runs = transaction.rows("runs.aged", last=_last(transaction, keep))
        if not runs:
            return 0
        generation = generations.next_generation(transaction)
        now = now_us()
        rows = [
            {"run_seq": run["seq"], "file": file, "generation": generation, "created_at": now}
            for run in runs
            for file in _removable(transaction, run)
        ]
        transaction.many("runs.remove", rows)
        claims.append(transaction, "removal", "given up", claim_of("given up", now, rows))
    claims.sign()
    return len(runs)


def clear(claims: Claims, folder: Path, pins: Pins) -> Cleared:
    """Unlink the files that retention gave up and nobody reads, and what dead writers left.

    Parameters
    ----------
    folder
        Where the folders of all runs are.

    Raises
    ------
    WarehouseError
        A folder can't be written; what was done is recorded by the next sweep.
    """
    with claims.control.read() as transaction:
        waiting = transaction.rows("runs.waiting_removals")
        left = [entry for entry in attachments.announced(transaction) if entry.is_abandoned]
    oldest = pins.oldest()  # after the commit of every row that is looked at
    free = [row for row in waiting if oldest is None or oldest >= row["generation"]]
    try:
        orphans = sum(attachments.abandon(claims, entry, folder) for entry in left)
        for row in free:
            disk.unlink(folder / row["folder"] / row["file"])
        for name in sorted({row["folder"] for row in free}):
            if (folder / name).is_dir():  # else there is nothing to sync: verification names it
                disk.sync_folder(folder / name)
    except OSError as error:
        raise WarehouseError(
            f"files of runs in {folder} can't be unlinked ({error.strerror}); check the folder's "
            "permissions, and sweep again"
        ) from error
    if free:
        _unlinked(claims, free)
    return Cleared(files=len(free) + orphans, pinned=len(waiting) - len(free))


def claim_of(
    subject: str, created_at: int, rows: Iterable[Mapping[str, Any]]
) -> dict[str, JsonValue]:
    """Return what the chain says of files that were given up, or unlinked.

    Parameters
    ----------
    subject
        `given up`, where the rows have a generation, or `unlinked`.
    created_at
        When, in microseconds since the epoch, UTC.
    rows
        Of table `removals`.
    """
    named = ("run_seq", "file", "generation") if subject == "given up" else ("run_seq", "file")
    files: list[JsonValue] = [{name: row[name] for name in named} for row in rows]
    return {"kind": "removal", "subject": subject, "created_at": created_at, "files": files}


def _unlinked(claims: Claims, rows: list[dict[str, Any]]) -> None:
    now = now_us()
    with claims.control.write() as transaction:
        marked = [
            row
            for row in rows
            if transaction.execute(
                "runs.unlinked", run_seq=row["run_seq"], file=row["file"], now=now
            )
        ]
        if marked:
            claims.append(transaction, "removal", "unlinked", claim_of("unlinked", now, marked))
    claims.sign()


def _last(transaction: Transaction, keep: int) -> int:
    """Return the seq of the newest run that is not among the newest `keep`."""
    row = transaction.row("runs.next") or {"seq": 0}
    return int(row["seq"]) - 1 - keep


def _removable(transaction: Transaction, run: Mapping[str, Any]) -> list[str]:
    own = [entry["file"] for entry in json.loads(run["manifest"])["files"]]
    added = [row["file"] for row in transaction.rows("runs.artifacts", run_seq=run["seq"])]
    return [file for file in (*own, *added) if file not in (CONFIG, METRICS)]
