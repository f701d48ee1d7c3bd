"""What a warehouse holds, counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.control.writer import Writer
from hyprl_lab.store.parts import generations
from hyprl_lab.store.runs import checkpoint

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.store.control.database import Control
    from hyprl_lab.store.parts.pins import Pins
    from hyprl_lab.store.runs.checkpoint import Checkpoint

__all__ = ["Holder", "PartCount", "Status", "look"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCount:
    """Parts of one table in one state.

    Parameters
    ----------
    table
        `trials`, `trial_blocks`, `backtests` or `bars`.
    state
        `pending` (being written, or its writer died), `live`, or `dead`.
    parts, rows, size
        How many, their rows, their bytes.
    files
        How many of them have a file still, as far as the control database knows.
    """

    table: str
    state: str
    parts: int
    rows: int
    size: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lease.

    Parameters
    ----------
    lease
        What it is for.
    since
        Microseconds since the epoch, UTC.
    dead
        Whether the process is gone: the next one takes over.
    """

    lease: str
    machine: str
    pid: int
    since: int
    dead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a warehouse holds.

    Parameters
    ----------
    database, backend
        Where the control database is (never a password), and its kind.
    schema_version
        Of the control database.
    trials, blocks
        Rows committed in parts of searches.
    small_trials
        Single backtests; `unmoved_trials` of them are rows of the control database still.
    run_states
        Runs by state.
    parts
        By table and state.
    live_parts, pending_parts, dead_parts
        The same added up.
    size
        Bytes of the live parts.
    waiting
        Trials this process has recorded and not committed yet.
    bar_sets
        Sets of bars.
    intended_shards
        Shards announced and not committed: their trials count as evaluated.
    removed_files
        Files of runs that were given up.
    links
        Of the chain.
    signed, signed_at
        How many of them the signed checkpoint covers, and when it was signed; `None` where there
        is none, or it can't be believed.
    checkpoint_problem
        Why it can't; `hyprl warehouse verify` says more.
    generation
        How often committed files were replaced or given up.
    pinned
        Generations that living readers hold.
    leases
        Who is at maintenance.
    """

    home: Path
    ledger_id: str
    database: str
    backend: str
    schema_version: int
    studies: int
    runs: int
    run_states: dict[str, int]
    verdicts: int
    bar_sets: int
    trials: int
    blocks: int
    small_trials: int
    unmoved_trials: int
    parts: tuple[PartCount, ...]
    live_parts: int
    pending_parts: int
    dead_parts: int
    size: int
    waiting: int
    intended_shards: int
    removed_files: int
    links: int
    signed: int | None
    signed_at: int | None
    checkpoint_problem: str | None
    generation: int
    pinned: tuple[int, ...]
    leases: tuple[Holder, ...]


def look(control: Control, pins: Pins, *, home: Path, ledger_id: str, waiting: int) -> Status:
    """Return what a warehouse holds; see `Warehouse.status`."""
    with control.read() as transaction:
        counts = {
            **(transaction.row("meta.count") or {}),
            **(transaction.row("status.counts") or {}),
        }
        rows = transaction.rows("status.parts")
        runs = transaction.rows("status.runs")
        leases = [row for row in transaction.rows("leases.all") if row["released_at"] is None]
        generation = generations.current(transaction)
    parts = tuple(
        PartCount(
            table=row["table_name"],
            state=row["state"],
            parts=row["parts"],
            rows=row["rows"],
            size=row["bytes"],
            files=row["files"],
        )
        for row in rows
    )
    live = [part for part in parts if part.state == "live"]
    signed, problem = _signed(home, ledger_id)

    def number(state: str) -> int:
        return sum(part.parts for part in parts if part.state == state)

    return Status(
        home=home,
        ledger_id=ledger_id,
        database=control.name,
        backend=control.backend,
        run_states={row["state"]: row["runs"] for row in runs},
        trials=sum(part.rows for part in live if part.table == "trials"),
        blocks=sum(part.rows for part in live if part.table == "trial_blocks"),
        parts=parts,
        live_parts=number("live"),
        pending_parts=number("pending"),
        dead_parts=number("dead"),
        size=sum(part.size for part in live),
        waiting=waiting,
        signed=None if signed is None else signed.seq,
        signed_at=None if signed is None else signed.created_at,
        checkpoint_problem=problem,
        generation=generation,
        pinned=tuple(pins.held()),
        leases=tuple(_holder(row) for row in leases),
        **counts,
    )


def _signed(home: Path, ledger_id: str) -> tuple[Checkpoint | None, str | None]:
    try:
        found = checkpoint.read(home)
    except IntegrityError as error:
        return None, str(error)
    if found is not None and found.ledger_id != ledger_id:
        return None, f"the checkpoint is of ledger {found.ledger_id}"
    return found, None


def _holder(row: dict[str, Any]) -> Holder:
    writer = Writer(row["machine"], row["boot"], row["pid"], row["process_start"])
    return Holder(
        lease=row["name"],
        machine=writer.machine,
        pid=writer.pid,
        since=row["taken_at"],
        dead=writer.is_dead(heartbeat_at=row["heartbeat_at"]),
    )
