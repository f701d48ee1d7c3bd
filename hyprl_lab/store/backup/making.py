"""Copying a warehouse out, from one state, while others go on writing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.store import disk, staging
from hyprl_lab.store.backup import tables
from hyprl_lab.store.backup.content import DATABASE, FILE, BackupContent, BackupFile
from hyprl_lab.store.backup.naming import named_artifacts
from hyprl_lab.store.control.database import Transaction
from hyprl_lab.store.control.writer import now_us
from hyprl_lab.store.parts.compaction import MAINTENANCE
from hyprl_lab.store.parts.leases import Lease
from hyprl_lab.store.runs import chain, checkpoint
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    from hyprl_lab.store.backup.naming import NamedFile
    from hyprl_lab.store.parts.part_store import LivePart, PartStore
    from hyprl_lab.store.parts.pins import Pins
    from hyprl_lab.store.runs.claims import Claims
    from hyprl_lab.types import ProgressCallback

__all__ = ["backup"]

_ENDS: Final = (
    *("backup.end_leases", "backup.end_parts", "backup.end_runs", "backup.end_journals"),
)
_BEAT_SECONDS: Final = 60.0
_OWNERS_FOLDER: Final = 0o700
_OWNERS_FILE: Final = 0o600
_MEND: Final = (
    "nothing was backed up: `hyprl warehouse verify` lists what is wrong; bring the file back from "
    "an earlier backup"
)


def backup(
    claims: Claims,
    parts: PartStore,
    pins: Pins,
    folder: str | Path,
    *,
    progress: ProgressCallback | None = None,
) -> BackupContent:
    """Copy a warehouse into a folder; see `Warehouse.backup`."""
    target = Path(folder).expanduser().resolve()
    aside = target.with_name(staging.name(f".{target.name}"))
    try:
        _check_target(target, claims.home)
        disk.make_folder(target.parent)
        _clear_abandoned(target)
        with Lease.take(claims.control, MAINTENANCE) as lease, pins.hold():
            content = _Copy(claims, parts, aside, lease, progress).run()
        disk.place(aside, target)
    except OSError as error:
        raise WarehouseError(
            f"{error.filename or target} can't be written or read ({error.strerror}); nothing was "
            "backed up: free some space, or check the folder's permissions, and try again"
        ) from error
    finally:
        disk.remove_tree(aside)
    return content


class _Copy:
    """One backup in the making."""

    def __init__(
        self,
        claims: Claims,
        parts: PartStore,
        folder: Path,
        lease: Lease,
        progress: ProgressCallback | None,
    ) -> None:
        self._claims = claims
        self._home = claims.home
        self._parts = parts
        self._folder = folder
        self._lease = lease
        self._progress = progress
        self._files: list[BackupFile] = []
        self._started = self._beaten = time.monotonic()

    def run(self) -> BackupContent:
        disk.make_folder(self._folder)
        self._folder.chmod(_OWNERS_FOLDER)
        # Before the rows, or it could cover links that the copy has not; as many beyond it as came
        # meanwhile are what a kill leaves, too.
        signed = checkpoint.export(self._home, self._folder)
        created_at = now_us()
        live, artifacts, links, head, version = self._rows()
        if signed is not None:
            self._note(checkpoint.FILE)
            self._note(f"trusted/{signed.key_id}.pub")
        elif links:
            raise IntegrityError(
                "the chain has links and no signed checkpoint; nothing was backed up: see "
                "`hyprl warehouse verify`, or try again if its first link was just added"
            )
        total = sum(part.size for part in live) + sum(size for _, size, _ in artifacts)
        done = 0
        for part in live:
            place = f"parts/{part.name}"
            self._copy(Path(part.address), place, (part.size, part.sha256))
            done = self._tell(done + part.size, total)
        for place, size, sha256 in artifacts:
            self._copy(self._home / place, place, (size, sha256))
            done = self._tell(done + size, total)
        content = BackupContent(
            ledger_id=self._claims.ledger_id,
            schema_version=version,
            created_at=created_at,
            links=links,
            head=head,
            files=tuple(self._files),
        )
        for inside in sorted(self._folder.rglob("*/")):
            disk.sync_folder(inside)
        disk.write(self._folder / FILE, content.to_bytes())
        (self._folder / FILE).chmod(_OWNERS_FILE)
        disk.sync_folder(self._folder)
        return content

    def _rows(self) -> tuple[list[LivePart], list[NamedFile], int, str, int]:
        """Copy the control database, and return what it names."""
        path = self._folder / DATABASE
        control = self._claims.control
        with tables.opened(path) as target, tables.begun(control, write=False) as source:
            tables.copy_rows(source, target)
            copied = Transaction(target)
            for name in _ENDS:
                copied.execute(name)
            live = self._parts.live(copied)
            artifacts = list(named_artifacts(copied))
            links, head = chain.head(copied, self._claims.genesis)
            version = (copied.row("status.counts") or {})["schema_version"]
        self._note(DATABASE)
        return live, artifacts, links, head, version

    def _copy(self, source: Path, place: str, expected: tuple[int, str]) -> None:
        """Copy a file, and compare the copy with what was committed of it."""
        target = self._folder / place
        disk.make_folder(target.parent)
        try:
            disk.copy(source, target)
        except FileNotFoundError as error:
            raise IntegrityError(f"{source} was committed and is missing; {_MEND}") from error
        found = self._note(place)
        if (found.size, found.sha256) != expected:
            raise IntegrityError(
                f"{source} is corrupt: it has {found.size} bytes with SHA-256 {found.sha256}, "
                f"{expected[0]} bytes with {expected[1]} were committed; {_MEND}"
            )
        if time.monotonic() - self._beaten > _BEAT_SECONDS:
            self._lease.beat()
            self._beaten = time.monotonic()

    def _note(self, place: str) -> BackupFile:
        path = self._folder / place
        path.chmod(_OWNERS_FILE)
        file = BackupFile(place, path.stat().st_size, disk.sha256(path))
        self._files.append(file)
        return file

    def _tell(self, done: int, total: int) -> int:
        if self._progress is not None:
            seconds = time.monotonic() - self._started
            self._progress(Progress(done=done, total=total, seconds=seconds))
        return done


def _check_target(target: Path, home: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise WarehouseError(
            f"{target} is there already and holds something; name a new folder, or an empty one"
        )
    if any(target.is_relative_to(home / name) for name in ("warehouse", "artifacts")):
        raise WarehouseError(
            f"{target} is inside of what is backed up; name a folder elsewhere, best on another "
            "disk"
        )


def _clear_abandoned(target: Path) -> None:
    """Remove what killed backups to the same place left."""
    for path in list(target.parent.iterdir()):
        if path.name.startswith(f".{target.name}.") and staging.is_abandoned(path.name):
            disk.remove_tree(path)
