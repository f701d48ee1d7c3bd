"""What keeps a warehouse small and honest: sweeping, and checking everything it holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hyprl_lab.store.parts import sweeper
from hyprl_lab.store.parts.compaction import MAINTENANCE
from hyprl_lab.store.parts.leases import Lease, LeaseHeldError
from hyprl_lab.store.runs import retention

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.store.parts.part_store import PartStore
    from hyprl_lab.store.parts.pins import Pins
    from hyprl_lab.store.runs.claims import Claims
    from hyprl_lab.store.runs.findings import Verification
    from hyprl_lab.store.runs.run_store import RunStore
    from hyprl_lab.store.trials.ledger import Ledger

__all__ = ["Upkeep", "sweep", "verify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """What a sweep did.

    Parameters
    ----------
    parts
        Parts that dead writers had announced and never finished.
    files
        Files that were unlinked: of parts, and of runs.
    staged
        Files and folders in the making, left by dead processes.
    pins
        Pins left by dead readers.
    pinned
        Files that stay for now, because a living reader may read them.
    runs
        Runs whose files were given up; `None` where another process is at maintenance, which
        leaves that to the next sweep.
    """

    parts: int
    files: int
    staged: int
    pins: int
    pinned: int
    runs: int | None


def sweep(claims: Claims, parts: PartStore, pins: Pins, runs: RunStore, *, staging: Path) -> Upkeep:
    """Clear away what nobody needs; see `Warehouse.sweep`."""
    given_up: int | None
    try:
        with Lease.take(claims.control, MAINTENANCE) as lease:
            given_up = retention.retain(claims, lease)
    except LeaseHeldError:
        given_up = None
    swept = sweeper.sweep(claims.control, parts, pins, staging=staging)
    cleared = runs.clear()
    return Upkeep(
        parts=swept.parts,
        files=swept.files + cleared.files,
        staged=swept.staged,
        pins=swept.pins,
        pinned=swept.pinned + cleared.pinned,
        runs=given_up,
    )


def verify(runs: RunStore, ledger: Ledger, *, key_id: str | None = None) -> Verification:
    """Check everything; see `Warehouse.verify`."""
    found = runs.verify(key_id=key_id)
    return replace(found, findings=(*found.findings, *ledger.verify()))
