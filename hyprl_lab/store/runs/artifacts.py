"""A run's folder: staged, fsynced, renamed; a manifest that names every file and its hash."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store import disk, staging
from hyprl_lab.store.plain_file import read_plain_file
from hyprl_lab.store.runs.manifest import MANIFEST, SCHEMA
from hyprl_lab.store.trials.digests import table_digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from hyprl_lab.types import JsonValue

__all__ = ["Staged", "checked", "place", "problem", "stage"]


@dataclass(frozen=True, slots=True)
class Staged:
    """A complete folder that is not in place yet.

    Parameters
    ----------
    folder
        Where it was written.
    manifest
        What its `manifest.json` says.
    files
        What the manifest says of the files.
    """

    folder: Path
    manifest: dict[str, JsonValue]
    files: list[dict[str, JsonValue]]

    @property
    def text(self) -> bytes:
        """The content of `manifest.json`."""
        return canonical_json(self.manifest)

    def discard(self) -> None:
        """Remove the folder, if it is still where it was written."""
        disk.remove_tree(self.folder)


def stage(
    place: Path, identity: Mapping[str, JsonValue], contents: Mapping[str, bytes | pa.Table]
) -> Staged:
    """Write a run's files and their manifest, all of them synced, into a folder of their own.

    Parameters
    ----------
    place
        Where what is in the making lies, on the file system where the folder will live.
    identity
        What the manifest says of the run besides its files.
    contents
        Bytes, or a table that is written as Parquet, by file name.

    Raises
    ------
    WarehouseError
        The disk is full or the folder can't be written; nothing is left behind.
    """
    folder = place / staging.name("run")
    try:
        disk.make_folder(folder)
        files: list[dict[str, JsonValue]] = []
        for name, content in sorted(contents.items()):
            data = content if isinstance(content, bytes) else _parquet(content)
            disk.write(folder / name, data)
            entry: dict[str, JsonValue] = {
                "file": name,
                "size": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
            if not isinstance(content, bytes):
                entry["content"] = table_digest(content)
            files.append(entry)
        staged = Staged(folder, {"schema": SCHEMA, **identity, "files": [*files]}, files)
        disk.write(folder / MANIFEST, staged.text)
        disk.sync_folder(folder)
    except OSError as error:
        disk.remove_tree(folder)
        raise WarehouseError(
            f"the run's files can't be written to {place} ({error.strerror}); nothing was "
            "recorded: free some space, or check the folder's permissions, and try again"
        ) from error
    return staged


def place(staged: Staged, target: Path) -> None:
    """Move a staged folder to where its row will say it is.

    It runs inside the transaction that adds the row. A folder found there has no row: its
    writer died in between, and it makes way.
    """
    disk.make_folder(target.parent)
    if target.exists():
        orphan = staged.folder.with_name(staging.name("orphan"))
        disk.rename(target, orphan)
        disk.remove_tree(orphan)
    disk.place(staged.folder, target)


def problem(path: Path, size: Any, sha256: Any) -> str | None:
    """Return what is wrong with an artifact's bytes, `None` where nothing is.

    Parameters
    ----------
    path
        Where it should be: a regular file, and no link to one.
    size, sha256
        Bytes and hash that were recorded.

    Examples
    --------
    >>> from pathlib import Path
    >>> problem(Path("none.json"), 2, "00")
    'none.json is missing'
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return f"{path.name} is missing"
    except OSError as error:
        return f"{path.name} can't be opened ({error.strerror})"
    except ValueError as error:
        return f"{path.name!r} can't be opened ({error})"
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            return f"{path.name} is not a regular file"
        if found.st_size != size:
            return f"{path.name} was changed: it has {found.st_size} bytes, {size} were stored"
        with os.fdopen(handle, "rb", closefd=False) as file:
            hashed = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"{path.name} can't be read ({error.strerror})"
    finally:
        os.close(handle)
    if hashed != sha256:
        return f"{path.name} was changed: its SHA-256 is {hashed}, {sha256} was stored"
    return None


def checked(path: Path, size: Any, sha256: Any) -> bytes:
    """Return an artifact's bytes, which are those that were stored.

    Parameters
    ----------
    path
        Where it should be: a regular file, and no link to one.
    size, sha256
        Bytes and hash that were recorded.

    Raises
    ------
    IntegrityError
        They are others, or can't be read.

    Examples
    --------
    >>> import hashlib, tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.json"
    ...     _ = path.write_bytes(b"{}")
    ...     checked(path, 2, hashlib.sha256(b"{}").hexdigest())
    b'{}'
    """
    content = read_plain_file(path, max_bytes=size if isinstance(size, int) else 0)
    found = hashlib.sha256(content).hexdigest()
    if (len(content), found) != (size, sha256):
        raise IntegrityError(
            f"{path.name} was changed: it has {len(content)} bytes with SHA-256 {found}, {size} "
            f"bytes with {sha256} were stored"
        )
    return content


def _parquet(table: pa.Table) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", compression_level=1, write_page_checksum=True)
    return bytes(sink.getvalue())
