"""Clearing away what nobody wants any more: what dead processes left, what was replaced.

A file goes when its row is dead and committed as such, and no living reader is pinned to a time
when it was live. A file that no row names is left alone: it may be of a database that was lost.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store import disk
from hyprl_lab.store import staging as staged_names
from hyprl_lab.store.control.writer import now_us
from hyprl_lab.store.parts.part_store import file_name, part_id_of

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.store.control.database import Control
    from hyprl_lab.store.parts.part_store import PartStore
    from hyprl_lab.store.parts.pins import Pins

__all__ = ["Swept", "sweep"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep cleared away.

    Parameters
    ----------
    parts
        Parts that dead writers had announced and never finished.
    files
        Files of parts that were unlinked.
    staged
        Files and folders in the making, left by dead processes.
    pins
        Pins left by dead readers.
    pinned
        Files that stay for now, because a living reader may read them.
    """

    parts: int
    files: int
    staged: int
    pins: int
    pinned: int


def sweep(control: Control, parts: PartStore, pins: Pins, *, staging: Path) -> Swept:
    """Clear away what dead processes and compactions left; any process may do so at any time.

    Parameters
    ----------
    control, parts, pins
        Of one warehouse.
    staging
        Its folder for what is in the making.

    Raises
    ------
    WarehouseError
        The home can't be written.
    """
    given_up = parts.sweep()
    found = parts.folder.names()  # before the rows: whatever has a name now has a row by then
    dead = _dead(control, found)
    cleared = pins.clear()
    oldest = pins.oldest()  # after the rows: a reader that comes later doesn't list them
    free = [
        part_id
        for part_id, generation in dead.items()
        if generation is None or oldest is None or oldest >= generation
    ]
    if free:
        parts.folder.remove([file_name(part_id) for part_id in free])
        parts.folder.sync()  # or a power cut could bring back what is marked as gone
        with control.write() as transaction:
            now = now_us()
            transaction.many("parts.unlinked", [{"id": part_id, "now": now} for part_id in free])
    return Swept(
        parts=given_up,
        files=len({file_name(part_id) for part_id in free} & found),
        staged=_clear(staging),
        pins=cleared,
        pinned=len(dead) - len(free),
    )


def _dead(control: Control, found: set[str]) -> dict[str, int | None]:
    """Return dead parts that may have files, with the generation in which each one died."""
    with control.read() as transaction:
        kept = {file_name(row["id"]) for row in transaction.rows("parts.kept")}
        dead = {row["id"]: row["generation"] for row in transaction.rows("parts.dead")}
        unknown = found - kept - {file_name(part_id) for part_id in dead}
        if any(map(part_id_of, unknown)):  # cleared before, and written by a slow writer; or lost
            rows = transaction.rows("parts.gone")
            dead |= {
                row["id"]: row["generation"] for row in rows if file_name(row["id"]) in unknown
            }
    return dead


def _clear(staging: Path) -> int:
    """Remove what dead processes were writing; return how many entries."""
    cleared = 0
    try:
        left = [
            entry
            for entry in os.scandir(staging)
            if staged_names.is_abandoned(staging / entry.name)
        ]
        for entry in left:
            if entry.is_dir(follow_symlinks=False):
                disk.remove_tree(staging / entry.name)  # as far as that can be done
            else:
                disk.unlink(staging / entry.name)
            cleared += not (staging / entry.name).exists()
    except OSError as error:
        raise WarehouseError(
            f"{error.filename or staging} can't be removed ({error.strerror}); check the folder's "
            "permissions and sweep again"
        ) from error
    return cleared
