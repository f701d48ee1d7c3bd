"""The one place where the store changes files.

Whatever is safe on disk got there through these functions, which are called by their module
(`disk.write(...)`), so that a test can record every change and replay the record cut off at any
point. What a power cut may undo:

- a file's content until `write`, `stream` or `copy` has returned;
- a name (made, renamed, unlinked) until `sync_folder` of the folder that holds it has returned.

Locks and pins are no content, and are made by those who hold them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "copy",
    "make_folder",
    "place",
    "remove_tree",
    "rename",
    "sha256",
    "stream",
    "sync_folder",
    "unlink",
    "write",
]


def write(path: Path, content: bytes | memoryview) -> None:
    """Write a whole file, new or over an old one, and wait until the disk has its content."""
    with stream(path) as file:
        file.write(content)


@contextmanager
def stream(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to be written from its start; on leaving, the disk has its content.

    Where the block raises, what was written so far is left for the caller to unlink.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with stream(Path(folder) / "a") as file:
    ...         _ = file.write(b"abc")
    ...     (Path(folder) / "a").read_bytes()
    b'abc'
    """
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def copy(source: Path, target: Path) -> None:
    """Copy a file's content and wait until the disk has it."""
    with source.open("rb") as reader, stream(target) as file:
        shutil.copyfileobj(reader, file, 1 << 20)


def rename(source: Path, target: Path) -> None:
    """Give a file or folder another name, on the same file system; a file there is replaced."""
    source.replace(target)


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in a folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def place(staged: Path, target: Path) -> None:
    """Rename what was written aside to where it belongs, and wait until the disk has the name."""
    rename(staged, target)
    sync_folder(target.parent)


def unlink(path: Path) -> None:
    """Unlink a file, if it is there."""
    path.unlink(missing_ok=True)


def remove_tree(folder: Path) -> bool:
    """Remove a folder and all that is in it, if it is there; return whether nothing is left.

    What can't be removed is left: it is staged, and the sweeper tries again.
    """
    shutil.rmtree(folder, ignore_errors=True)
    return not os.path.lexists(folder)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing; the disk has their names on return.

    Another process may have made some of them and not have waited for the disk yet, so what is
    there is synced as well, once by each process, up to where this user can have made nothing.
    """
    folder = folder.absolute()
    missing = []
    above = folder
    while not above.is_dir():
        missing.append(above)
        above = above.parent
    there = []
    for found in (above, *above.parents):
        if _synced.get(found) == _identity(found) or found.is_mount():
            break
        if not os.access(found.parent, os.R_OK | os.W_OK):
            break
        there.append(found)
    for found in reversed(there):
        sync_folder(found.parent)
        _synced[found] = _identity(found)
    for made in reversed(missing):
        made.mkdir(exist_ok=True)
        sync_folder(made.parent)
        _synced[made] = _identity(made)


_synced: Final[dict[Path, tuple[int, int]]] = {}
"""Folders whose names this process has seen safe on disk, with their device and inode."""


def _identity(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_dev, found.st_ino


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.NamedTemporaryFile() as empty:
    ...     sha256(Path(empty.name))[:8]
    'e3b0c442'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
