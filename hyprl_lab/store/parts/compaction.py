"""Small parts become large ones, and single backtests leave the control database for a part.

Nothing is believed to be right because it was written: a new part is read back, and what it holds
of each shard is compared with the digest that the shard was committed with. Then one transaction
turns it live in the place of its inputs, under a lease that no other process has, and only if all
of them are live still. A kill before that leaves a pending part, which a sweep gives up; a kill
after it leaves files that a sweep unlinks once no reader is pinned to them.

A damaged part is left where it is, and what can be merged without it is.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.parts import generations, merging, small_rows
from hyprl_lab.store.parts.adding import add_part
from hyprl_lab.store.parts.leases import Lease
from hyprl_lab.store.trials import shard_digests
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hyprl_lab.store.control.database import Control, Transaction
    from hyprl_lab.store.parts.folder import HashedStream
    from hyprl_lab.store.parts.merging import Held
    from hyprl_lab.store.parts.part_store import LivePart, PartStore, WrittenPart
    from hyprl_lab.types import ProgressCallback

__all__ = ["MAINTENANCE", "Compacted", "compact"]

MAINTENANCE: Final = "maintenance"
"""The lease of whatever replaces or removes files."""

TABLES: Final = ("backtests", "trials", "trial_blocks")
TARGET_ROWS: Final = 1_000_000
TARGET_BYTES: Final = 256 << 20
MOST_PARTS: Final = 128
"""Parts that are merged in one swap: what was merged is kept when the rest is broken off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What a compaction did.

    Parameters
    ----------
    inputs, outputs
        Parts that were replaced, and parts that replaced them or hold what was moved; those that
        came and went in between are not counted.
    rows
        Rows of the outputs.
    small_rows
        Single backtests that were moved out of the control database.
    bytes_before, bytes_after
        Of the inputs and of the outputs.
    """

    inputs: int
    outputs: int
    rows: int
    small_rows: int
    bytes_before: int
    bytes_after: int


@dataclass(slots=True)
class _Course:
    """How far one compaction has come.

    `wanted` are the ids it may merge, for parts that others commit meanwhile are left to the next
    one, and it ends. `damaged` says of parts what is wrong with them.
    """

    wanted: set[str]
    inputs: list[LivePart] = field(default_factory=list)
    outputs: dict[str, LivePart] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)

    def swapped(self, group: Iterable[LivePart], output: LivePart) -> None:
        for part in group:
            self.wanted.discard(part.id)
            if self.outputs.pop(part.id, None) is None:
                self.inputs.append(part)
        self.wanted.add(output.id)
        self.outputs[output.id] = output


def compact(
    control: Control,
    parts: PartStore,
    *,
    target_rows: int = TARGET_ROWS,
    target_bytes: int = TARGET_BYTES,
    singles_before: int | None = None,
    progress: ProgressCallback | None = None,
) -> Compacted:
    """Merge small parts of trials, blocks and backtests; readers see the same rows all the time.

    It goes on, in swaps of some parts each, until no two small ones are left to be merged.

    Parameters
    ----------
    control, parts
        Of one warehouse.
    target_rows, target_bytes
        What a part may have at most. Parts with less than half of both are merged.
    singles_before
        Single backtests before this `trial_index` are moved; all where `None`.
    progress
        Told how many of the rows to be merged are done. What was merged may be merged again, so
        the total may grow.

    Raises
    ------
    LeaseHeldError
        Another compaction, retention or backup is under way.
    IntegrityError
        Parts are missing or corrupt, or their digests do not fit; the message names each. Their
        rows stay as they are, and all else was merged.
    """
    started = time.monotonic()
    with Lease.take(control, MAINTENANCE) as lease:
        moved = small_rows.move(control, parts, lease, stop=singles_before)
        with control.read() as transaction:
            course = _Course({part.id for part in parts.live(transaction, TABLES)})
        course.outputs.update((part.id, part) for part in moved)
        done = 0
        while groups := _groups(control, parts, course, target_rows, target_bytes):
            total = done + sum(map(_rows, groups))
            for group in groups:
                lease.beat()
                try:
                    course.swapped(group, _merge(control, parts, lease, group))
                except IntegrityError as error:
                    course.damaged |= _damaged(control, parts, group) or {
                        part.id: str(error) for part in group
                    }
                    total -= _rows(group)
                    continue
                done += _rows(group)
                if progress is not None:
                    progress(Progress(done=done, total=total, seconds=time.monotonic() - started))
    if course.damaged:
        raise IntegrityError("; ".join(dict.fromkeys(course.damaged.values())))
    outputs = list(course.outputs.values())
    return Compacted(
        inputs=len(course.inputs),
        outputs=len(outputs),
        rows=_rows(outputs),
        small_rows=_rows(moved),
        bytes_before=sum(part.size for part in course.inputs),
        bytes_after=sum(part.size for part in outputs),
    )


def _rows(parts: Iterable[LivePart]) -> int:
    return sum(part.rows for part in parts)


def _groups(
    control: Control, parts: PartStore, course: _Course, target_rows: int, target_bytes: int
) -> list[list[LivePart]]:
    """Return which parts become one part each: two or more of one table, in their order."""
    with control.read() as transaction:
        live = parts.live(transaction, TABLES)
    small = [
        part
        for part in live
        if part.id in course.wanted
        and part.id not in course.damaged
        and 2 * part.rows <= target_rows
        and 2 * part.size <= target_bytes
    ]
    small.sort(
        key=lambda part: (TABLES.index(part.table_name), part.study_id or "", part.shard or 0)
    )
    groups: list[list[LivePart]] = []
    rows = size = 0
    for part in small:
        full = rows + part.rows > target_rows or size + part.size > target_bytes
        another = not groups or groups[-1][0].table_name != part.table_name
        if another or full or len(groups[-1]) == MOST_PARTS:
            groups.append([])
            rows = size = 0
        groups[-1].append(part)
        rows, size = rows + part.rows, size + part.size
    return [group for group in groups if len(group) > 1]


def _merge(control: Control, parts: PartStore, lease: Lease, group: Sequence[LivePart]) -> LivePart:
    """Write, check and swap one part."""
    table = group[0].table_name
    parts.check(group)

    def write(stream: HashedStream) -> list[Held]:
        return merging.merge(parts.folder, group, stream)

    def commit(transaction: Transaction, written: WrittenPart, found: Sequence[Held]) -> None:
        generation = generations.next_generation(transaction)
        parts.replace(transaction, group, written, generation)
        if table in shard_digests.DIGESTS:
            for each in found:
                if _is_owed(transaction, table, each):
                    shard_digests.fill(transaction, table, each)

    return add_part(
        control, parts, lease, table_name=table, rows=_rows(group), write=write, commit=commit
    )


def _is_owed(transaction: Transaction, table: str, each: Held) -> bool:
    """Whether a shard is to get the digest of what was read of it, which fits its row.

    Raises
    ------
    IntegrityError
        It does not fit.
    """
    study_id, shard = each.piece.study_id, each.piece.shard
    row = transaction.row("studies.shard", study_id=study_id, shard=shard)
    if row is None:
        raise IntegrityError(f"there are {table} of shard {shard} of study {study_id}, not entered")
    wrong = shard_digests.difference(table, each, row, row["study_digest"])
    if wrong is not None:
        raise IntegrityError(
            f"shard {shard} of study {study_id} has {wrong}, as it was committed: bring the parts "
            "and the control database back from one backup"
        )
    return shard_digests.is_owed(table, row, row["study_digest"])


def _damaged(control: Control, parts: PartStore, group: Sequence[LivePart]) -> dict[str, str]:
    """Return which parts of a group keep it from being merged, and what is wrong with each."""
    found: dict[str, str] = {}
    for part in group:
        try:
            parts.check([part])
        except IntegrityError as error:
            found[part.id] = str(error)
    if found:
        return found
    for part in group:
        try:
            held = merging.held(parts.folder, part)
            if part.table_name in shard_digests.DIGESTS:
                with control.read() as transaction:
                    for each in held:
                        _is_owed(transaction, part.table_name, each)
        except IntegrityError as error:
            found[part.id] = str(error)
    return found
