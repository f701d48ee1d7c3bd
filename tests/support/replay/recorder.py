"""Everything that `store.disk` and the control database do in one home, in order."""

from __future__ import annotations

import itertools
import os
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from hyprl_lab.store import disk
from hyprl_lab.store.control.database import Control
from hyprl_lab.store.control.sqlite import sqlite_module
from replay.record import (
    Acknowledged,
    Commit,
    Content,
    Entry,
    Link,
    Rename,
    Slot,
    Sync,
    Unlink,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

__all__ = ["Recorder"]


class Recorder:
    """Records while `patch` is in force; what lies in the home already is durable.

    Parameters
    ----------
    home
        Of the warehouse, an existing folder; nothing else is recorded.
    patch
        Puts the recorder between the store and the disk.
    """

    def __init__(self, home: Path, patch: pytest.MonkeyPatch) -> None:
        self.home = home
        self.log: list[Entry] = []
        self._numbers = itertools.count(1)
        self._folders: dict[int, dict[str, int]] = {0: {}}
        self._scratch = home.with_name(f"{home.name}-snapshot")
        self._take_in(home, 0)
        self._plain = {name: getattr(disk, name) for name in _REPLACED}
        self._plain_begin = Control._begin
        for name in _REPLACED:
            patch.setattr(disk, name, getattr(self, f"_{name}"))
        recorder = self

        @contextmanager
        def begin(control: Control, *, write: bool) -> Iterator[Any]:
            with recorder._plain_begin(control, write=write) as connection:
                yield connection
            if write:
                recorder._commit(control)

        patch.setattr(Control, "_begin", begin)

    def acknowledge(self, step: int) -> None:
        """Say that a step of the work has returned."""
        self.log.append(Acknowledged(step))

    def _take_in(self, folder: Path, inode: int) -> None:
        """Record what is there before the work, as safe on disk."""
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            number = self._new((inode, entry.name), is_folder=entry.is_dir())
            if entry.is_dir():
                self._take_in(Path(entry), number)
            else:
                self.log.append(Content(number, Path(entry).read_bytes()))
        self.log.append(Sync(inode))

    def _new(self, slot: Slot, *, is_folder: bool) -> int:
        number = next(self._numbers)
        if is_folder:
            self._folders[number] = {}
        self._folders[slot[0]][slot[1]] = number
        self.log.append(Link(slot, number, is_folder))
        return number

    def _slot(self, path: Path) -> Slot | None:
        """Return the folder's inode and the name, `None` for what lies outside the home."""
        if not path.is_relative_to(self.home):
            return None
        *above, name = path.relative_to(self.home).parts
        inode = 0
        for folder in above:
            inode = self._folders[inode][folder]
        return inode, name

    def _inode(self, folder: Path) -> int:
        slot = None if folder == self.home else self._slot(folder)
        return 0 if slot is None else self._folders[slot[0]][slot[1]]

    @contextmanager
    def _stream(self, path: Path) -> Iterator[IO[bytes]]:
        slot = self._slot(path)
        if slot is None:
            with self._plain["stream"](path) as file:
                yield file
            return
        number = self._folders[slot[0]].get(slot[1])
        if number is None:
            number = self._new(slot, is_folder=False)
        with self._plain["stream"](path) as file:
            yield file
        self.log.append(Content(number, path.read_bytes()))

    def _rename(self, source: Path, target: Path) -> None:
        self._plain["rename"](source, target)
        a, b = self._slot(source), self._slot(target)
        if a is None or b is None:
            raise AssertionError(f"{source} or {target} is outside {self.home}")
        number = self._folders[a[0]].pop(a[1])
        self._folders[b[0]][b[1]] = number
        self.log.append(Rename(a, b, number))

    def _sync_folder(self, folder: Path) -> None:
        self._plain["sync_folder"](folder)
        if folder.is_relative_to(self.home):
            self.log.append(Sync(self._inode(folder)))

    def _unlink(self, path: Path) -> None:
        there = path.exists()
        self._plain["unlink"](path)
        if there:
            self._gone(path)

    def _remove_tree(self, folder: Path) -> None:
        there = [*sorted(folder.rglob("*"), reverse=True), folder] if folder.exists() else []
        self._plain["remove_tree"](folder)
        for path in there:
            if not path.exists():
                self._gone(path)

    def _make_folder(self, folder: Path) -> None:
        missing = [path for path in (folder, *folder.parents) if not path.is_dir()]
        for path in reversed(missing):
            slot = self._slot(path)
            if slot is not None:
                self._new(slot, is_folder=True)
        self._plain["make_folder"](folder)

    def _gone(self, path: Path) -> None:
        slot = self._slot(path)
        if slot is not None:
            del self._folders[slot[0]][slot[1]]
            self.log.append(Unlink(slot))

    def _commit(self, control: Control) -> None:
        """Copy the database as it was committed."""
        if control.path is None:
            raise AssertionError("only an SQLite file can be copied at each commit")
        module, _ = sqlite_module()
        self._scratch.unlink(missing_ok=True)
        source, copy = module.connect(str(control.path)), module.connect(str(self._scratch))
        source.backup(copy)
        source.close()
        copy.close()
        self.log.append(Commit(self._scratch.read_bytes()))


_REPLACED = ("stream", "rename", "sync_folder", "unlink", "remove_tree", "make_folder")
"""What the other functions of `disk` are made of, too."""
