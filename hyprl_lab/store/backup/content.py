"""What is in a backup: `backup.json`, which names every file with its length and hash.

The file is RFC 8785 JSON with a digest of itself, so that a changed byte in it shows as one in any
other file does. It is written last: a folder without it is no backup.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import IntegrityError, NotFoundError, WarehouseError
from hyprl_lab.hashing import canonical_json, digest
from hyprl_lab.store.plain_file import read_plain_file

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.types import JsonValue

__all__ = ["DATABASE", "FILE", "BackupContent", "BackupFile", "read_content"]

FILE: Final = "backup.json"
DATABASE: Final = "control.sqlite"
SCHEMA: Final = 1

_MAX_BYTES: Final = 1 << 30
_PLACES: Final = re.compile(
    r"control\.sqlite|checkpoint\.json|trusted/[0-9a-f]+\.pub|parts/[\w-]+\.parquet"
    r"|artifacts/[\w.-]*\w/[^/\\\x00]+"
)
"""Every place a file of a backup may have; none leads out of the folder it is put into."""


_KINDS: Final[dict[str, type]] = {
    "schema": int,
    "ledger_id": str,
    "schema_version": int,
    "created_at": int,
    "links": int,
    "head": str,
    "files": list,
}
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BackupFile:
    """One file of a backup.

    Parameters
    ----------
    place
        Where it is in the folder, with forward slashes.
    size
        Bytes.
    sha256
        Of its bytes.
    """

    place: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupContent:
    """What a backup holds.

    Parameters
    ----------
    ledger_id
        Of the warehouse.
    schema_version
        Of its control database.
    created_at
        When its state was read, microseconds since the epoch, UTC.
    links, head
        How long the chain was, and the hash that it ended in.
    files
        Every file but this account of them.
    """

    ledger_id: str
    schema_version: int
    created_at: int
    links: int
    head: str
    files: tuple[BackupFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def to_bytes(self) -> bytes:
        """Return the content of `backup.json`."""
        body: dict[str, Any] = {"schema": SCHEMA, **asdict(self), "files": self._files()}
        return canonical_json({**body, "digest": digest(body)})

    def _files(self) -> list[JsonValue]:
        return [
            {"place": file.place, "size": file.size, "sha256": file.sha256} for file in self.files
        ]


def read_content(folder: Path) -> BackupContent:
    """Return what a folder says it holds.

    Raises
    ------
    NotFoundError
        It is no backup.
    WarehouseError
        It was made by a newer lab.
    IntegrityError
        `backup.json` was changed.
    """
    path = folder / FILE
    if not path.is_file():
        raise NotFoundError(
            f"{folder} holds no {FILE}: it is no backup, or one that was not finished"
        )
    damaged = IntegrityError(f"{path} is damaged; restore another backup")
    try:
        body = json.loads(read_plain_file(path, max_bytes=_MAX_BYTES))
    except (ValueError, RecursionError) as error:
        raise damaged from error
    if not isinstance(body, dict) or body.pop("digest", None) != digest(body):
        raise damaged
    if type(body.get("schema")) is not int:
        raise damaged
    if body["schema"] != SCHEMA:
        raise WarehouseError(
            f"{path} has schema {body['schema']}; this lab knows {SCHEMA}: upgrade hyprl-lab"
        )
    kinds = {name: type(value) for name, value in body.items()}
    if kinds != _KINDS or not all(_is_file(entry) for entry in body["files"]):
        raise damaged
    files = tuple(BackupFile(**file) for file in body["files"])
    if len({file.place for file in files}) < len(files):
        raise damaged
    for file in files:
        if not _PLACES.fullmatch(file.place):
            raise IntegrityError(f"{path} names {file.place!r}, where no backup has a file")
    return BackupContent(
        ledger_id=body["ledger_id"],
        schema_version=body["schema_version"],
        created_at=body["created_at"],
        links=body["links"],
        head=body["head"],
        files=files,
    )


def _is_file(entry: object) -> bool:
    if not isinstance(entry, dict) or entry.keys() != {"place", "size", "sha256"}:
        return False
    place, size, sha256 = entry["place"], entry["size"], entry["sha256"]
    return (
        isinstance(place, str)
        and type(size) is int
        and size >= 0
        and isinstance(sha256, str)
        and _SHA256.fullmatch(sha256) is not None
    )
