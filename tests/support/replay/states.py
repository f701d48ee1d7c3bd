"""Every state of the disk that a power cut may leave, for each point of a record.

Content is safe once it was synced; a file that is being written may be empty or cut short. A name
that was made, changed or removed is safe once its folder was synced; before that it may have
happened or not, independently of any other.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from replay.record import Acknowledged, Commit, Content, Link, Rename, Slot, Sync, Unlink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from replay.record import Entry

__all__ = ["State", "states"]

Change = Link | Rename | Unlink
ALL_CHOICES = 4
"""Up to so many names that may have changed or not, every combination is tried."""

RANDOM_CHOICES = 4


@dataclass(frozen=True)
class State:
    """A home as a power cut left it.

    Parameters
    ----------
    step
        The last step that had returned; -1 for none.
    files, folders
        Contents by path, and the paths of folders.
    database
        The control database; `None` before its first commit.
    where
        For who looks into a failure.
    """

    step: int
    files: tuple[tuple[str, bytes], ...]
    folders: tuple[str, ...]
    database: bytes | None
    where: str = field(compare=False)

    def build(self, home: Path) -> None:
        """Make a home that is in this state."""
        for folder in ("", "warehouse", *self.folders):
            (home / folder).mkdir(parents=True, exist_ok=True)
        for name, content in self.files:
            (home / name).write_bytes(content)
            (home / name).chmod(0o600)
        if self.database is not None:
            (home / "warehouse" / "control.sqlite").write_bytes(self.database)


def states(log: Sequence[Entry], dice: random.Random) -> Iterator[State]:
    """Return every different state, in the order of the record."""
    seen: set[State] = set()
    for cut in range(len(log) + 1):
        done = log[:cut]
        contents = {entry.inode: entry.content for entry in done if isinstance(entry, Content)}
        now = log[cut] if cut < len(log) else None
        variants = [("", contents)]
        if isinstance(now, Content):
            half = now.content[: len(now.content) // 2]
            variants += [
                (", empty", contents | {now.inode: b""}),
                (", half written", contents | {now.inode: half}),
            ]
        for what, written in variants:
            for chosen in _choices(done, dice):
                where = f"after {cut} of {len(log)}{what}: {now!r:.80}"
                found = _state(done, chosen, written, where)
                if found not in seen:
                    seen.add(found)
                    yield found


def _choices(done: Sequence[Entry], dice: random.Random) -> Iterable[frozenset[int]]:
    """Return which of the changes that are not safe yet have happened, in several ways."""
    waiting: dict[int, Change] = {}
    for place, entry in enumerate(done):
        if isinstance(entry, Change):
            waiting[place] = entry
        elif isinstance(entry, Sync):
            safe = [key for key, change in waiting.items() if _folder(change) == entry.folder]
            for key in safe:
                waiting = {
                    other: change
                    for other, change in waiting.items()
                    if other > key or not _is_settled(change, waiting[key])
                }
    places = sorted(waiting)
    if len(places) <= ALL_CHOICES:
        for number in range(len(places) + 1):
            yield from map(frozenset, itertools.combinations(places, number))
        return
    every = frozenset(places)
    yield from (frozenset(), every)
    for place in places:
        yield frozenset([place])
        yield every - {place}
    for _ in range(RANDOM_CHOICES):
        yield frozenset(place for place in places if dice.random() < 0.5)


def _is_settled(change: Change, by: Change) -> bool:
    """Whether a change makes no difference any more, once a later or equal one is safe."""
    if change is by:
        return True
    slots = {by.source, by.target} if isinstance(by, Rename) else {by.slot}
    return not isinstance(change, Rename) and change.slot in slots


def _folder(change: Change) -> int:
    """Return the folder whose sync makes a change safe."""
    return change.target[0] if isinstance(change, Rename) else change.slot[0]


def _state(
    done: Sequence[Entry], chosen: frozenset[int], contents: dict[int, bytes], where: str
) -> State:
    folders: dict[int, dict[str, int]] = {0: {}}
    step, database = -1, None
    waiting = {place for place, entry in enumerate(done) if isinstance(entry, Change)} - _safe(done)
    for place, entry in enumerate(done):
        if isinstance(entry, Link) and entry.is_folder:
            folders.setdefault(entry.inode, {})
        if isinstance(entry, Change) and (place not in waiting or place in chosen):
            _apply(entry, folders)
        elif isinstance(entry, Commit):
            database = entry.database
        elif isinstance(entry, Acknowledged):
            step = entry.step
    files: list[tuple[str, bytes]] = []
    made: list[str] = []
    queue: list[tuple[str, int]] = [("", 0)]
    while queue:
        path, inode = queue.pop()
        for name, number in folders[inode].items():
            if number in folders:
                made.append(f"{path}{name}")
                queue.append((f"{path}{name}/", number))
            else:
                files.append((f"{path}{name}", contents.get(number, b"")))
    return State(step, tuple(sorted(files)), tuple(sorted(made)), database, where)


def _safe(done: Sequence[Entry]) -> set[int]:
    """Return the places of the changes that no power cut can undo."""
    safe: set[int] = set()
    waiting: dict[int, int] = {}
    for place, entry in enumerate(done):
        if isinstance(entry, Change):
            waiting[place] = _folder(entry)
        elif isinstance(entry, Sync):
            now = [other for other, folder in waiting.items() if folder == entry.folder]
            safe.update(now)
            for other in now:
                del waiting[other]
    return safe


def _apply(entry: Change, folders: dict[int, dict[str, int]]) -> None:
    def drop(slot: Slot) -> None:
        folders.get(slot[0], {}).pop(slot[1], None)

    if isinstance(entry, Unlink):
        drop(entry.slot)
    elif isinstance(entry, Link):
        folders[entry.slot[0]][entry.slot[1]] = entry.inode
    else:
        if folders.get(entry.source[0], {}).get(entry.source[1]) == entry.inode:
            drop(entry.source)
        folders[entry.target[0]][entry.target[1]] = entry.inode
