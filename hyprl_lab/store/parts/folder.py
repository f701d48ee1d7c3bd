"""Where parts live: files that are whole or absent, whatever happens while they are written.

`PartsFolder` is all that the store asks of such a place, so object storage can be another one.
`LocalFolder` is a folder of a file system: written aside, synced, renamed, and the folder synced.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Protocol

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store import disk
from hyprl_lab.store.parts import verified
from hyprl_lab.store.plain_file import open_plain_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

__all__ = ["HashedStream", "LocalFolder", "PartsFolder", "Stamp"]

Stamp = tuple[int, ...] | str
"""What tells a file from the same one after a change: device, inode, size and time, or an ETag."""


class PartsFolder(Protocol):
    """A flat place for immutable files, each known by its name.

    A file that isn't there raises `FileNotFoundError`, and one that can't be read `OSError`: who
    reads knows what it was for.
    """

    def make(self) -> None:
        """Make the place, unless it is there.

        Raises
        ------
        WarehouseError
            It can't be made.
        """

    def put(self, files: Iterable[tuple[str, bytes | memoryview]]) -> None:
        """Write files so that, on return, a power cut can't undo them.

        Raises
        ------
        WarehouseError
            The place is full, or can't be written; nothing is left behind.
        """

    def put_streamed(self, name: str, write: Callable[[HashedStream], None]) -> tuple[int, str]:
        """Write one file piece by piece, as safely as `put`; return its length and SHA-256.

        Parameters
        ----------
        name
            The file's.
        write
            Writes the whole content to the stream it is given, from the first byte to the last.

        Raises
        ------
        WarehouseError
            The place is full, or can't be written; nothing is left behind.
        """

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, finished or not, those of them that are there.

        Raises
        ------
        WarehouseError
            The place can't be written.
        """

    def sync(self) -> None:
        """Wait until no power cut can undo what was removed.

        Raises
        ------
        WarehouseError
            The place can't be written.
        """

    def names(self) -> set[str]:
        """Return the names of all files, unfinished ones included.

        Raises
        ------
        WarehouseError
            The place can't be read.
        """

    def stamp(self, name: str) -> Stamp:
        """Return what changes whenever a file does."""

    def size(self, name: str) -> int:
        """Return a file's length in bytes."""

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of a file's content, in hexadecimal."""

    def address(self, name: str) -> str:
        """Return what DuckDB and pyarrow open to read a file."""

    def open(self, name: str) -> IO[bytes]:
        """Open a file to read it at any place."""


class LocalFolder:
    """A folder of a file system.

    Parameters
    ----------
    place
        Where the files live; made when first needed.
    staging
        Where they are written before they are renamed; on the same file system.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as home:
    ...     folder = LocalFolder(Path(home) / "parts", Path(home) / "tmp")
    ...     folder.make()
    ...     folder.put([("a", b"abc")])
    ...     folder.names(), folder.size("a")
    ({'a'}, 3)
    """

    def __init__(self, place: Path, staging: Path) -> None:
        self.place = place
        self.staging = staging

    def make(self) -> None:
        """Make both folders, unless they are there."""
        try:
            for folder in (self.place, self.staging):
                disk.make_folder(folder)
        except OSError as error:
            raise WarehouseError(
                f"the folder {error.filename or self.place} can't be made or used "
                f"({error.strerror}); check its permissions and what else has its name, or set "
                "HYPRL_HOME to a folder that can be written"
            ) from error

    def path(self, name: str) -> Path:
        """Return where the file of that name is, or would be."""
        return self.place / name

    def put(self, files: Iterable[tuple[str, bytes | memoryview]]) -> None:
        """Write files, all of them safe on return; see `PartsFolder`."""
        written: list[str] = []
        try:
            for name, content in files:
                written.append(name)
                disk.write(self.staging / name, content)
                disk.rename(self.staging / name, self.place / name)
            disk.sync_folder(self.place)
        except OSError as error:
            self._take_back(written)
            raise self._refused(error) from error

    def put_streamed(self, name: str, write: Callable[[HashedStream], None]) -> tuple[int, str]:
        """Write one file piece by piece; see `PartsFolder`."""
        placed = False
        try:
            with disk.stream(self.staging / name) as file:
                stream = HashedStream(file)
                write(stream)
            disk.place(self.staging / name, self.place / name)
            placed = True
        except OSError as error:
            raise self._refused(error) from error
        finally:
            if not placed:
                self._take_back([name])
        return stream.size, stream.sha256

    def _refused(self, error: OSError) -> WarehouseError:
        return WarehouseError(
            f"{error.filename or self.place} can't be written ({error.strerror}); nothing "
            "was recorded: free some space, or check the folder's permissions, and try again"
        )

    def _take_back(self, names: Iterable[str]) -> None:
        """Remove what was written, if that can be done; else a sweep comes back to it."""
        with suppress(WarehouseError):
            self.remove(names)

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, staged or in place; see `PartsFolder`."""
        try:
            for name in names:
                disk.unlink(self.staging / name)
                disk.unlink(self.place / name)
                verified.forget(self, name)
        except OSError as error:
            raise WarehouseError(
                f"{error.filename or self.place} can't be removed ({error.strerror}); check the "
                "folder's permissions and sweep again"
            ) from error

    def sync(self) -> None:
        """Wait until the disk has the folder's names."""
        try:
            disk.sync_folder(self.place)
        except OSError as error:
            raise self._refused(error) from error

    def names(self) -> set[str]:
        """Return the names of all files, staged ones included."""
        found: set[str] = set()
        try:
            for folder in (self.place, self.staging):
                with suppress(FileNotFoundError), os.scandir(folder) as entries:
                    found.update(entry.name for entry in entries if entry.is_file())
        except OSError as error:
            raise WarehouseError(
                f"{error.filename or self.place} can't be read ({error.strerror}); check the "
                "folder's permissions"
            ) from error
        return found

    def stamp(self, name: str) -> Stamp:
        """Return a file's device, inode, length, and the time that only the kernel sets."""
        found = self._stat(name)
        return found.st_dev, found.st_ino, found.st_size, found.st_ctime_ns

    def size(self, name: str) -> int:
        """Return a file's length in bytes."""
        return self._stat(name).st_size

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of a file's content, in hexadecimal."""
        with open_plain_file(self.path(name)) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def address(self, name: str) -> str:
        """Return the file's path."""
        return str(self.path(name))

    def open(self, name: str) -> IO[bytes]:
        """Open a file to read it at any place."""
        return open_plain_file(self.path(name))

    def _stat(self, name: str) -> os.stat_result:
        """Look at a file; a link, pipe or device in its place is none."""
        found = self.path(name).lstat()
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "is not a regular file", self.address(name))
        return found


class HashedStream:
    """A file that is written from end to end, and hashed on the way.

    Parameters
    ----------
    file
        Open for writing bytes.
    """

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Of what was written so far, in hexadecimal."""
        return self._digest.hexdigest()

    def write(self, content: bytes) -> int:
        """Write bytes at the end; return how many."""
        self._file.write(content)
        self._digest.update(content)
        self.size += len(content)
        return len(content)

    def tell(self) -> int:
        """Return where the next byte goes."""
        return self.size

    def flush(self) -> None:
        """Do nothing: what opened the file flushes it."""

    def close(self) -> None:
        """Do nothing: what opened the file closes it."""
