"""Files are hashed before they are first read, and again when they look changed.

DuckDB does not check a Parquet page's checksum, and a flipped bit in a column of floats is a
number like any other; so every process hashes each file once. A file is known by its inode,
length and time of change. What this process has just written is known already.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.parts.folder import file_sha256

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["check", "know"]

_MEND: Final = "bring it back from a backup"
_known: dict[Path, tuple[int, int, int, str]] = {}


def check(files: Iterable[tuple[Path, int, str]]) -> None:
    """Check that files hold the bytes that were committed.

    Parameters
    ----------
    files
        Path, length in bytes and SHA-256 of each.

    Raises
    ------
    IntegrityError
        A file is missing, cut short or changed; the message names it.
    """
    unknown = [(path, size, sha256) for path, size, sha256 in files if not _is_known(path, sha256)]
    if len(unknown) > 1:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda file: _hash(*file), unknown))
    elif unknown:
        _hash(*unknown[0])


def know(path: Path, sha256: str) -> None:
    """Remember that this process has just written a file, with bytes of this SHA-256."""
    with suppress(FileNotFoundError):  # swept meanwhile: its commit will say so
        found = path.stat()
        _known[path] = (found.st_ino, found.st_size, found.st_mtime_ns, sha256)


def _is_known(path: Path, sha256: str) -> bool:
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise IntegrityError(f"{path} was committed and is missing; {_MEND}") from error
    except OSError as error:
        raise _unreadable(path, error) from error
    return _known.get(path) == (found.st_ino, found.st_size, found.st_mtime_ns, sha256)


def _hash(path: Path, size: int, sha256: str) -> None:
    before = path.stat()
    if before.st_size != size:
        raise IntegrityError(f"{path} has {before.st_size} bytes, {size} were committed; {_MEND}")
    try:
        found = file_sha256(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    if found != sha256:
        raise IntegrityError(
            f"{path} is corrupt: its SHA-256 is {found}, {sha256} was committed; {_MEND}"
        )
    _known[path] = (before.st_ino, before.st_size, before.st_mtime_ns, sha256)


def _unreadable(path: Path, error: OSError) -> IntegrityError:
    return IntegrityError(f"{path} was committed and can't be read ({error.strerror}); {_MEND}")
