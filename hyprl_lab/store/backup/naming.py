"""Which files belong to a control database: a backup holds these and no others."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.runs.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.store.control.database import Transaction

__all__ = ["NamedFile", "named_artifacts", "named_parts"]

NamedFile = tuple[str, int, str]
"""A file's place in a backup, its length in bytes and its SHA-256."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def named_parts(copied: Transaction) -> Iterator[NamedFile]:
    """Yield every committed part.

    Raises
    ------
    IntegrityError
        A row holds something else than a part's id, length and hash.
    """
    for row in copied.rows("parts.live"):
        yield _checked(f"parts/{row['id']}.parquet", row["bytes"], row["sha256"])


def named_artifacts(copied: Transaction) -> Iterator[NamedFile]:
    """Yield every file of a run that is kept.

    Raises
    ------
    IntegrityError
        A run's manifest is none.
    """
    removed = {(row["folder"], row["file"]) for row in copied.rows("views.removed")}
    for run in copied.rows("runs.all"):
        folder = run["folder"]
        manifest = str(run["manifest"])
        size = len(manifest.encode())
        yield _checked(f"artifacts/{folder}/{MANIFEST}", size, run["manifest_hash"])
        for entry in (*_files(manifest), *copied.rows("runs.artifacts", run_seq=run["seq"])):
            if (folder, entry.get("file")) not in removed:
                place = f"artifacts/{folder}/{entry.get('file')}"
                yield _checked(place, entry.get("size"), entry.get("sha256"))


def _files(manifest: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(manifest)["files"]
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        raise IntegrityError("the manifest of a run names no files; it was changed") from error
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise IntegrityError("the manifest of a run names no files; it was changed")
    return found


def _checked(place: str, size: object, sha256: object) -> NamedFile:
    if not (
        isinstance(size, int)
        and size >= 0
        and isinstance(sha256, str)
        and _SHA256.fullmatch(sha256)
    ):
        raise IntegrityError(f"the database says of {place[:200]!r} no length and SHA-256")
    return place, size, sha256
