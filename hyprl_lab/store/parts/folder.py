"""Files that are whole or absent: written aside, fsynced, renamed, and the folder fsynced."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import IO, TYPE_CHECKING

from hyprl_lab.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

__all__ = ["Folder", "HashedStream", "file_sha256", "fsync_folder"]


class Folder:
    """A flat folder of immutable files; the only way parts reach the disk.

    Parameters
    ----------
    place
        Where the files live; made when first needed.
    staging
        Where they are written before they are renamed; on the same file system.
    """

    def __init__(self, place: Path, staging: Path) -> None:
        self.place = place
        self.staging = staging

    def make(self) -> None:
        """Make both folders, unless they are there."""
        for folder in (self.place, self.staging):
            folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        """Return where the file of that name is, or would be."""
        return self.place / name

    def put(self, files: Iterable[tuple[str, bytes | memoryview]]) -> None:
        """Write files so that, on return, a power cut can't undo them.

        Raises
        ------
        WarehouseError
            The disk is full, or the folder can't be written; nothing is left behind.
        """
        written: list[str] = []
        try:
            for name, content in files:
                written.append(name)
                write_synced(self.staging / name, content)
                (self.staging / name).rename(self.place / name)
            fsync_folder(self.place)
        except OSError as error:
            for name in written:
                self.remove(name)
            raise self._refused(error) from error

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
            The disk is full, or the folder can't be written; nothing is left behind.
        """
        placed = False
        try:
            with (self.staging / name).open("wb") as file:
                stream = HashedStream(file)
                write(stream)
                file.flush()
                os.fsync(file.fileno())
            (self.staging / name).rename(self.place / name)
            fsync_folder(self.place)
            placed = True
        except OSError as error:
            raise self._refused(error) from error
        finally:
            if not placed:
                self.remove(name)
        return stream.size, stream.sha256

    def _refused(self, error: OSError) -> WarehouseError:
        return WarehouseError(
            f"{error.filename or self.place} can't be written ({error.strerror}); nothing "
            "was recorded: free some space, or check the folder's permissions, and try again"
        )

    def remove(self, name: str) -> None:
        """Remove a file, staged or in place, if it is there."""
        (self.staging / name).unlink(missing_ok=True)
        (self.place / name).unlink(missing_ok=True)

    def names(self) -> set[str]:
        """Return the names of all files, staged ones included."""
        return {
            entry.name
            for folder in (self.place, self.staging)
            if folder.is_dir()
            for entry in os.scandir(folder)
            if entry.is_file()
        }


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


def write_synced(path: Path, content: bytes | memoryview) -> None:
    """Write a file and wait until the disk has it."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def copy_synced(source: Path, target: Path) -> None:
    """Copy a file's content and wait until the disk has it."""
    with source.open("rb") as reader, target.open("wb") as stream:
        shutil.copyfileobj(reader, stream)
        stream.flush()
        os.fsync(stream.fileno())


def fsync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's entries."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.NamedTemporaryFile() as empty:
    ...     file_sha256(Path(empty.name))[:8]
    'e3b0c442'
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
