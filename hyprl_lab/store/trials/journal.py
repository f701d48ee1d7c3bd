r"""What a process recorded and has not committed yet, in a file that outlives the process.

A line is written before `record_trial` returns, without waiting for the disk: the system's page
cache outlives a process that is killed, and is lost in a power cut. Whoever opens the warehouse
next, or counts, takes in what others have there (`hyprl_lab.store.trials.absorbing`).

A line is the CRC-32 of its body, 8 hexadecimal digits; the body's length in bytes; and the body,
JSON whose first value is the number of the row, from 1, in the order of recording. A file's name
says whose it is, as the names in `warehouse/tmp` do, and begins with the name of the journal; a
journal that grows goes on in another file.
"""

from __future__ import annotations

import errno
import os
import uuid
import weakref
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from hyprl_lab.store import disk, staging

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Journal", "framed", "journal_of", "part_of", "unframed"]

Row = TypeVar("Row")

LARGEST: Final = 1 << 20
"""Bytes of a file beyond which the next line goes into another one."""

_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_OWNERS_FILE: Final = 0o600


def framed(body: bytes) -> bytes:
    r"""Return a body as a line, with its CRC-32 and its length.

    Examples
    --------
    >>> framed(b"[1]")
    b'4c2f32b8 3 [1]\n'
    """
    return b"%08x %d %s\n" % (zlib.crc32(body), len(body), body)


def unframed(line: bytes) -> bytes | None:
    r"""Return the body of a line, `None` where the line is torn or was changed.

    Examples
    --------
    >>> unframed(b"4c2f32b8 3 [1]\n"), unframed(b"4c2f32b8 3 [1"), unframed(b"4c2f32b8 3 [2]\n")
    (b'[1]', None, None)
    """
    check, _, rest = line.partition(b" ")
    length, _, body = rest.removesuffix(b"\n").partition(b" ")
    whole = line.endswith(b"\n") and framed(body).startswith(b"%s %s " % (check, length))
    return body if whole else None


def journal_of(name: str) -> str:
    """Return the journal that a file of this name belongs to.

    Examples
    --------
    >>> journal_of("5f0e.2.0123456789ab-0123456789ab-1-2-3-01234567")
    '5f0e'
    """
    return name.partition(".")[0]


def part_of(path: Path) -> int:
    """Return which file of its journal this is, from 0 in the order of their lines.

    Examples
    --------
    >>> from pathlib import Path
    >>> part_of(Path("5f0e.2.0123456789ab-0123456789ab-1-2-3-01234567"))
    2
    """
    made = path.name.split(".")[1]
    return int(made) if made.isdecimal() else 0


@dataclass(slots=True, eq=False)
class _File:
    path: Path
    handle: int
    size: int = 0
    last: int = 0


class Journal(Generic[Row]):
    """The lines that one process has not committed; its recorder calls it under a lock.

    Parameters
    ----------
    folder
        Returns where its files are; made with the first of them.
    body
        Returns the body of a row's line, given the row's number and the row.
    """

    def __init__(self, folder: Callable[[], Path], body: Callable[[int, Row], bytes]) -> None:
        self._folder = folder
        self._body = body
        self._files: list[_File] = []
        self._begin()

    def _begin(self) -> None:
        self.name = uuid.uuid4().hex[:16]
        self._made = 0
        self._files = []
        weakref.finalize(self, _close, self._files, os.getpid())

    @property
    def holds_lines(self) -> bool:
        """Whether it has lines of rows that are not committed."""
        return any(file.size for file in self._files)

    def append(self, number: int, row: Row) -> None:
        """Write a row's line; a kill right after this loses nothing.

        Raises
        ------
        OSError
            The folder can't be written, or the disk is full; nothing of the line is there.
        WarehouseError
            The home can't be made.
        """
        line = framed(self._body(number, row))
        file = self._current()
        written = os.write(file.handle, line)
        if written < len(line):
            os.ftruncate(file.handle, file.size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file.path))
        file.size += written
        file.last = number

    def cut(self, committed: int) -> None:
        """Give up the lines of rows that are committed, up to this number.

        A file goes, or is emptied, when all its lines may; what stays longer is known by number
        in `trial_journals`, and not taken in twice.
        """
        while self._files and self._files[0].last <= committed:
            file = self._files[0]
            if len(self._files) > 1:
                _remove(self._files.pop(0))
                continue
            if file.size:
                with suppress(OSError):
                    os.ftruncate(file.handle, 0)
                    file.size = 0
            return

    def close(self) -> None:
        """Close the files, and remove those without a line; the next row begins another one."""
        _close(self._files, os.getpid())

    def leave(self) -> None:
        """Leave the files to the parent, in a forked child, which begins a journal of its own."""
        while self._files:
            os.close(self._files.pop().handle)
        self._begin()

    def _current(self) -> _File:
        """Return the file for the next line, which has a name still."""
        if self._files:
            file = self._files[-1]
            if not os.fstat(file.handle).st_nlink:  # somebody removed it: no one would find a line
                os.close(self._files.pop().handle)
            elif file.size <= LARGEST:
                return file
        folder = self._folder()
        path = folder / staging.name(f"{self.name}.{self._made}")
        try:
            handle = os.open(path, _FLAGS, _OWNERS_FILE)
        except FileNotFoundError:
            if self._made:
                folder.mkdir()  # where the home is gone too, that is refused: it is not made anew
            else:
                disk.make_folder(folder)
            handle = os.open(path, _FLAGS, _OWNERS_FILE)
        self._made += 1
        self._files.append(_File(path, handle))
        return self._files[-1]


def _remove(file: _File) -> None:
    os.close(file.handle)
    with suppress(OSError):  # the next that opens the warehouse finds nothing new in it
        file.path.unlink(missing_ok=True)


def _close(files: list[_File], pid: int) -> None:
    """Close files of this process; those with lines that are not committed stay."""
    if pid != os.getpid():
        return
    while files:
        file = files.pop()  # first, so that a child forked now closes it once
        if file.size:
            os.close(file.handle)
        else:
            _remove(file)
