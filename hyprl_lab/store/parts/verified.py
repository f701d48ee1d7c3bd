"""Files are hashed before they are first read, and again when they look changed.

DuckDB does not check a Parquet page's checksum, and a flipped bit in a column of floats is a
number like any other; so every process hashes each file once. A file is known by its stamp: device,
inode, length, and the time of its last change that no program can set back (ctime, not mtime).
What this process has just written is known already.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from hyprl_lab.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hyprl_lab.store.parts.folder import PartsFolder, Stamp

__all__ = ["check", "forget", "know"]

_MEND: Final = "bring it back from a backup"
_known: Final[dict[str, _Known]] = {}
_pruned: Final = [1_000]
"""How many may be known before those that are gone are looked for."""


class _Known(NamedTuple):
    """A file that had this SHA-256 when it had this stamp."""

    folder: PartsFolder
    name: str
    stamp: Stamp
    sha256: str


def check(folder: PartsFolder, files: Iterable[tuple[str, int, str]]) -> None:
    """Check that files hold the bytes that were committed.

    Parameters
    ----------
    folder
        Where they are.
    files
        Name, length in bytes and SHA-256 of each.

    Raises
    ------
    IntegrityError
        A file is missing, cut short or changed; the message names it.
    """
    unknown = [
        (name, size, sha256) for name, size, sha256 in files if not _is_known(folder, name, sha256)
    ]
    if len(unknown) > 1:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda file: _hash(folder, *file), unknown))
    elif unknown:
        _hash(folder, *unknown[0])


def know(folder: PartsFolder, name: str, sha256: str) -> None:
    """Remember that this process has just written a file, with bytes of this SHA-256."""
    with suppress(FileNotFoundError):  # swept meanwhile: its commit will say so
        _remember(_Known(folder, name, folder.stamp(name), sha256))


def forget(folder: PartsFolder, name: str) -> None:
    """Let go of what is known of a file that was removed."""
    _known.pop(folder.address(name), None)


def _remember(known: _Known) -> None:
    """Keep it; others that are gone, removed by whatever process, are dropped now and then."""
    _known[known.folder.address(known.name)] = known
    if len(_known) <= _pruned[0]:
        return
    for other in list(_known.values()):
        try:
            other.folder.stamp(other.name)
        except OSError:  # if it is there all the same, it is hashed again
            forget(other.folder, other.name)
    _pruned[0] = 2 * max(500, len(_known))


def _is_known(folder: PartsFolder, name: str, sha256: str) -> bool:
    address = folder.address(name)
    try:
        stamp = folder.stamp(name)
    except FileNotFoundError as error:
        forget(folder, name)
        raise IntegrityError(f"{address} was committed and is missing; {_MEND}") from error
    except OSError as error:
        raise _unreadable(address, error) from error
    known = _known.get(address)
    return known is not None and (known.stamp, known.sha256) == (stamp, sha256)


def _hash(folder: PartsFolder, name: str, size: int, sha256: str) -> None:
    address = folder.address(name)
    try:
        before, length = folder.stamp(name), folder.size(name)
        if length != size:
            raise IntegrityError(f"{address} has {length} bytes, {size} were committed; {_MEND}")
        found = folder.sha256(name)
    except OSError as error:
        raise _unreadable(address, error) from error
    if found != sha256:
        raise IntegrityError(
            f"{address} is corrupt: its SHA-256 is {found}, {sha256} was committed; {_MEND}"
        )
    _remember(_Known(folder, name, before, sha256))


def _unreadable(address: str, error: OSError) -> IntegrityError:
    return IntegrityError(f"{address} was committed and can't be read ({error.strerror}); {_MEND}")
