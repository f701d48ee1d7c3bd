"""Files that are added to a stored run: reports, validations.

A file is announced before it is put into the run's folder, and the announcement goes in the
transaction that records it. So what a dead writer left in the folder can be told from what
somebody put there.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hyprl_lab.errors import InputError, LabError, NotFoundError, WarehouseError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store import disk, staging
from hyprl_lab.store.control.writer import now_us
from hyprl_lab.store.runs.manifest import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hyprl_lab.store.control.database import Transaction
    from hyprl_lab.store.runs.claims import Claims
    from hyprl_lab.types import JsonValue

__all__ = ["COLUMNS", "Announced", "abandon", "announced", "attach", "claim_of", "next_file"]

COLUMNS: Final = ("run_seq", "name", "revision", "file", "size", "sha256", "created_at")
"""Of table `run_artifacts`."""

_PREFIX: Final = "attaching:"


class Announced(NamedTuple):
    """A file that is being added to a run, or whose writer died.

    Parameters
    ----------
    key
        Names the announcement.
    run_seq
        Of the run.
    name
        What the user called the file.
    """

    key: str
    run_seq: int
    name: str

    @property
    def is_abandoned(self) -> bool:
        """Whether the writer is gone."""
        return staging.is_abandoned(self.key.removeprefix(_PREFIX))


def attach(
    claims: Claims, run: Mapping[str, Any], name: str, path: Path, *, folder: Path, place: Path
) -> Path:
    """Keep a copy of a file with a run; return where.

    Parameters
    ----------
    run
        The run's row.
    name
        What it is called there. Another content than before is another revision.
    path
        The file.
    folder
        Where the folders of all runs are.
    place
        Where what is in the making lies.

    Raises
    ------
    InputError
        The name is no plain file name, or one of the run's own files'.
    NotFoundError
        There is no such file.
    WarehouseError
        It can't be kept; nothing is recorded.
    """
    if "/" in name or "\0" in name or name.startswith(".") or not name:
        raise InputError(f"artifact name {name!r} is not a plain file name")
    if name in _own_files(run):
        raise InputError(f"{name} is one of the run's own files; choose another name")
    if not path.is_file():
        raise NotFoundError(f"no file {path} to keep as an artifact of run {run['run_hash']}")
    staged = place / staging.name("artifact")
    target: Path = folder / run["folder"]
    try:
        disk.make_folder(place)
        disk.copy(path, staged)
        file = _attached(claims, run, name, staged, target)
    except OSError as error:
        raise WarehouseError(
            f"{name} can't be kept in {folder} ({error.strerror}); nothing was recorded"
        ) from error
    finally:
        with suppress(OSError):  # a sweep does it, when this process is gone
            disk.unlink(staged)
    claims.sign()
    return target / file


def claim_of(run: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, JsonValue]:
    """Return what the chain says of a file that was added to a run.

    Parameters
    ----------
    run
        The run's row.
    row
        Of table `run_artifacts`.
    """
    of_run = {name: run[name] for name in ("run_hash", "engine", "engine_version")}
    return {"kind": "artifact", **of_run, **{name: row[name] for name in COLUMNS}}


def announced(transaction: Transaction) -> list[Announced]:
    """Return what is being added, or was left by a dead writer; what says neither is left out."""
    found = []
    for row in transaction.rows("runs.announced"):
        try:
            entry = Announced(row["key"], **json.loads(row["value"]))
        except (TypeError, ValueError, RecursionError):
            continue
        if type(entry.run_seq) is int and isinstance(entry.name, str):
            found.append(entry)
    return found


def next_file(transaction: Transaction, run: Mapping[str, Any], name: str) -> str:
    """Return where the next revision of a name goes, and where an unfinished one went."""
    return _next(transaction, run, name).file


def abandon(claims: Claims, entry: Announced, folder: Path) -> bool:
    """Unlink what an unfinished attachment left, and forget it; return whether there was a file.

    Parameters
    ----------
    folder
        Where the folders of all runs are.
    """
    with claims.control.write() as transaction:
        run = transaction.row("runs.at", seq=entry.run_seq)
        path = (
            None
            if run is None
            else folder / run["folder"] / next_file(transaction, run, entry.name)
        )
        left = path is not None and path.is_file()
        if path is not None and left:
            disk.unlink(path)
        transaction.execute("runs.placed", key=entry.key)
    return left


class _Next(NamedTuple):
    """Where the next revision of a name goes, and the newest one that is kept."""

    file: str
    revision: int
    newest: Mapping[str, Any] | None

    def is_at(self, sha256: str) -> str | None:
        """Return the file that holds this content already."""
        same = self.newest is not None and self.newest["sha256"] == sha256
        return str(self.newest["file"]) if self.newest is not None and same else None


def _attached(claims: Claims, run: Mapping[str, Any], name: str, staged: Path, folder: Path) -> str:
    size, sha256 = staged.stat().st_size, disk.sha256(staged)
    entry = Announced(_PREFIX + staged.name, run["seq"], name)
    with claims.control.write() as transaction:
        found = _next(transaction, run, name)
        if found.is_at(sha256):
            return str(found.is_at(sha256))
        value = canonical_json({"run_seq": entry.run_seq, "name": name}).decode()
        transaction.execute("runs.announce", key=entry.key, value=value)
    try:
        with claims.control.write() as transaction:
            transaction.execute("runs.placed", key=entry.key)
            found = _next(transaction, run, name)
            if found.is_at(sha256):  # another process was first
                return str(found.is_at(sha256))
            disk.place(staged, folder / found.file)
            row = {
                "run_seq": run["seq"],
                "name": name,
                "revision": found.revision,
                "file": found.file,
                "size": size,
                "sha256": sha256,
                "created_at": now_us(),
            }
            transaction.execute("runs.attach", **row)
            claims.append(transaction, "artifact", run["run_hash"], claim_of(run, row))
    except (LabError, OSError):
        with suppress(LabError, OSError):  # then a sweep does it, when this process is gone
            abandon(claims, entry, folder.parent)
        raise
    return found.file


def _next(transaction: Transaction, run: Mapping[str, Any], name: str) -> _Next:
    rows = transaction.rows("runs.artifacts", run_seq=run["seq"])
    removed = {row["file"] for row in transaction.rows("runs.removed", run_seq=run["seq"])}
    named = [row for row in rows if row["name"] == name]
    taken = _own_files(run) | {row["file"] for row in rows}
    number = len(named)
    while _revised(name, number) in taken:
        number += 1
    newest = named[-1] if named and named[-1]["file"] not in removed else None
    return _Next(_revised(name, number), len(named), newest)


def _own_files(run: Mapping[str, Any]) -> set[str]:
    files = json.loads(run["manifest"])["files"]
    return {MANIFEST, *(entry["file"] for entry in files)}


def _revised(name: str, revision: int) -> str:
    """Return the file name of a revision, counted from 0: `a.html`, `a-2.html`, and so on."""
    if not revision:
        return name
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}-{revision + 1}.{suffix}" if dot else f"{name}-{revision + 1}"
