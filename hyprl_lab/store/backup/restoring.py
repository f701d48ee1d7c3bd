"""Making an empty home what a backup holds.

Files are copied aside and checked, all of them; then they are put in place; then one transaction
fills the control database, which is the commit. A kill before that leaves a home without a ledger
and perhaps some of the backup's files, and the same backup can be restored there again.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.store import disk, staging
from hyprl_lab.store.backup import checking, tables
from hyprl_lab.store.backup.content import DATABASE, FILE, BackupContent, BackupFile, read_content
from hyprl_lab.store.control.binding import MARK
from hyprl_lab.store.control.database import Control
from hyprl_lab.store.control.migrations import migrations
from hyprl_lab.store.plain_file import opened_plain_file, read_plain_file
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    from hyprl_lab.types import ProgressCallback

__all__ = ["restore"]

_LARGE: Final = ("parts/", "artifacts/")
"""Where the files are that the database names; what is copied before them says whether they are."""

_PIECE: Final = 1 << 20


def restore(
    folder: str | Path,
    home: Path,
    own_database: Path,
    *,
    progress: ProgressCallback | None = None,
) -> BackupContent:
    """Make a home what a backup holds; see `Warehouse.restore`.

    Parameters
    ----------
    home
        Where to; it has no ledger.
    own_database
        Where its control database is, unless the environment names another.
    """
    source = Path(folder).expanduser().resolve()
    tmp = home / "warehouse" / "tmp"
    aside = tmp / staging.name("restore")
    try:
        content = read_content(source)
        _check_schema(source, content)
        _check_home(home, content)
        disk.make_folder(aside)
        first = tuple(file for file in content.files if not file.place.startswith(_LARGE))
        _copy(source, aside, first, content, None)
        checking.check(aside, content)
        large = tuple(file for file in content.files if file.place.startswith(_LARGE))
        _copy(source, aside, large, content, progress)
        control = Control(own_database)
        try:
            _put(content, aside, home, control, own_database)
        finally:
            control.close()
    except OSError as error:
        raise WarehouseError(
            f"{error.filename or home} can't be written or read ({error.strerror}); the home has "
            "no ledger still: free some space, or check the folder's permissions, and try again"
        ) from error
    finally:
        disk.remove_tree(aside)
    return content


def _check_schema(source: Path, content: BackupContent) -> None:
    newest = migrations()[-1][0]
    if content.schema_version > newest:
        raise WarehouseError(
            f"{source / FILE} has schema {content.schema_version}, written by a newer lab; this "
            f"one knows up to {newest}: upgrade hyprl-lab"
        )


def _check_home(home: Path, content: BackupContent) -> None:
    """Refuse a home that holds anything of a warehouse but files of this very backup.

    Raises
    ------
    WarehouseError
        It does.
    """
    ours = {home / _place(file.place): file for file in content.files}
    found = [
        path
        for pattern in ("warehouse/parts/*", "artifacts/*/*", "checkpoint.json")
        for path in home.glob(pattern)
    ]
    # keys of other owners may be trusted here; one of the backup's name has to be its key
    found += [path for path in ours if path.parent == home / "trusted" and os.path.lexists(path)]
    for path in found:
        file = ours.get(path)
        if file is None or not _is_that(path, file):
            raise WarehouseError(
                f"the home {home} holds {path}, which is not of this backup; restore into a new "
                "home (HYPRL_HOME)"
            )
    mark = home / "warehouse" / MARK
    marked = content.ledger_id.encode()
    if os.path.lexists(mark) and read_plain_file(mark, max_bytes=1024).strip() != marked:
        raise WarehouseError(
            f"the home {home} belongs to another ledger ({mark}); restore into a new home "
            "(HYPRL_HOME)"
        )


def _copy(
    source: Path,
    aside: Path,
    files: tuple[BackupFile, ...],
    content: BackupContent,
    progress: ProgressCallback | None,
) -> None:
    """Copy files of a backup aside, and check the copies.

    Raises
    ------
    IntegrityError
        A file is missing or changed.
    """
    started, done = time.monotonic(), content.size - sum(file.size for file in files)
    for file in files:
        target = aside / file.place
        disk.make_folder(target.parent)
        try:
            _copy_plain(source / file.place, target, file.size)
        except (OSError, IntegrityError) as error:
            if isinstance(error, OSError) and error.filename != str(source / file.place):
                raise
            cause = error.strerror if isinstance(error, OSError) else error
            raise IntegrityError(
                f"the backup is damaged: {source / file.place}: {cause}; nothing was restored, "
                "try another backup"
            ) from error
        found = BackupFile(file.place, target.stat().st_size, disk.sha256(target))
        if found != file:
            raise IntegrityError(
                f"the backup is damaged: {source / file.place} has {found.size} bytes with SHA-256 "
                f"{found.sha256}, expected {file.size} bytes with {file.sha256}; nothing was "
                "restored, try another backup"
            )
        done += file.size
        if progress is not None:
            seconds = time.monotonic() - started
            progress(Progress(done=done, total=content.size, seconds=seconds))


def _copy_plain(source: Path, target: Path, size: int) -> None:
    """Copy a regular file of that length, none of whose folders is a link."""
    if source.parent.resolve() != source.parent:
        raise IntegrityError("one of its folders is a link")
    with opened_plain_file(source, size=size) as reader, disk.stream(target) as file:
        left = size
        while left and (piece := reader.read(min(left, _PIECE))):
            file.write(piece)
            left -= len(piece)


def _is_that(path: Path, file: BackupFile) -> bool:
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_size != file.size:
        return False
    return disk.sha256(path) == file.sha256


def _put(
    content: BackupContent, aside: Path, home: Path, control: Control, own_database: Path
) -> None:
    """Put the files in place and fill the control database."""
    _check_empty(control)
    moves = {
        aside / file.place: home / _place(file.place)
        for file in content.files
        if file.place != DATABASE
    }
    if control.path is None or control.path != own_database.resolve():
        disk.write(aside / MARK, content.ledger_id.encode("ascii"))
        moves[aside / MARK] = home / "warehouse" / MARK
    moves = {staged: target for staged, target in moves.items() if not target.exists()}
    moved: list[Path] = []
    try:
        for staged, target in moves.items():
            disk.make_folder(target.parent)
            disk.rename(staged, target)
            moved.append(target)
        for parent in {target.parent for target in moved}:
            disk.sync_folder(parent)
    except OSError:
        for target in moved:
            with suppress(OSError):  # it is of this backup, which may be restored again
                disk.unlink(target)
        raise
    with tables.opened(aside / DATABASE) as rows, tables.begun(control, write=True) as filled:
        if tables.count_rows(filled):
            raise _not_empty(control)
        tables.copy_rows(rows, filled)


def _check_empty(control: Control) -> None:
    with tables.begun(control, write=False) as connection:
        if tables.count_rows(connection):
            raise _not_empty(control)


def _not_empty(control: Control) -> WarehouseError:
    return WarehouseError(
        f"the control database {control.name} holds a ledger already; restore into a new home "
        "(HYPRL_HOME), with a database that is new as well"
    )


def _place(place: str) -> str:
    """Return where a file of a backup goes in a home."""
    return f"warehouse/{place}" if place.startswith("parts/") else place
