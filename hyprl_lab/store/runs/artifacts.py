"""A run's folder: staged, fsynced, renamed; a manifest that names every file and its hash."""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store.parts.folder import file_sha256, fsync_folder, write_synced

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from hyprl_lab.types import JsonValue

__all__ = ["Staged", "check_file", "check_manifest", "place", "stage"]

MANIFEST: Final = "manifest.json"
_SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class Staged:
    """A complete folder that is not in place yet.

    Parameters
    ----------
    folder
        Where it was written.
    manifest
        The content of its `manifest.json`.
    """

    folder: Path
    manifest: bytes

    @property
    def manifest_hash(self) -> str:
        """The SHA-256 of the manifest, in hexadecimal."""
        return hashlib.sha256(self.manifest).hexdigest()

    def discard(self) -> None:
        """Remove the folder, if it is still where it was written."""
        shutil.rmtree(self.folder, ignore_errors=True)


def stage(
    staging: Path, identity: Mapping[str, JsonValue], contents: Mapping[str, bytes | pa.Table]
) -> Staged:
    """Write a run's files and their manifest, all of them synced, into a folder of their own.

    Parameters
    ----------
    staging
        On the file system where the folder will live.
    identity
        What the manifest says of the run besides its files.
    contents
        Bytes, or a table that is written as Parquet, by file name.

    Raises
    ------
    WarehouseError
        The disk is full or the folder can't be written; nothing is left behind.
    """
    folder = staging / f"run-{uuid.uuid4().hex}"
    try:
        folder.mkdir(parents=True)
        files: list[JsonValue] = []
        for name, content in sorted(contents.items()):
            data = content if isinstance(content, bytes) else _parquet(content)
            write_synced(folder / name, data)
            files.append(
                {"file": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            )
        manifest = canonical_json({"schema": _SCHEMA, **identity, "files": files})
        write_synced(folder / MANIFEST, manifest)
        fsync_folder(folder)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise WarehouseError(
            f"the run's files can't be written to {staging} ({error.strerror}); nothing was "
            "recorded: free some space, or check the folder's permissions, and try again"
        ) from error
    return Staged(folder, manifest)


def place(staged: Staged, target: Path) -> None:
    """Move a staged folder to where its row will say it is.

    It runs inside the transaction that adds the row. A folder found there has no row: its
    writer died in between, and it makes way.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        orphan = staged.folder.with_name(f"{staged.folder.name}-orphan")
        target.rename(orphan)
        shutil.rmtree(orphan, ignore_errors=True)
    staged.folder.rename(target)
    fsync_folder(target.parent)


def check_manifest(folder: Path, manifest: bytes, manifest_hash: str) -> None:
    """Check a run's folder against the manifest its row holds.

    Raises
    ------
    IntegrityError
        A file is missing or changed; the message names it.
    """
    if hashlib.sha256(manifest).hexdigest() != manifest_hash:
        raise IntegrityError(f"the manifest recorded for {folder} does not have its own hash")
    expected: dict[str, Any] = {
        "file": MANIFEST,
        "size": len(manifest),
        "sha256": manifest_hash,
    }
    for entry in (expected, *json.loads(manifest)["files"]):
        check_file(folder / entry["file"], entry["size"], entry["sha256"])


def check_file(path: Path, size: int, sha256: str) -> None:
    """Check one artifact's bytes.

    Raises
    ------
    IntegrityError
        The file is missing or changed.
    """
    try:
        found = path.stat().st_size
        hashed = file_sha256(path)
    except FileNotFoundError as error:
        raise IntegrityError(
            f"artifact {path} is missing; bring it back from a backup, or reproduce the run"
        ) from error
    if (found, hashed) != (size, sha256):
        raise IntegrityError(
            f"artifact {path} was changed: {found} bytes with SHA-256 {hashed}, expected {size} "
            f"bytes with {sha256}; bring it back from a backup, or reproduce the run"
        )


def _parquet(table: pa.Table) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", compression_level=1, write_page_checksum=True)
    return bytes(sink.getvalue())
