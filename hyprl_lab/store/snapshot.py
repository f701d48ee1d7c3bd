"""One DuckDB file with everything a query can ask for, to carry elsewhere."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store import disk, staging
from hyprl_lab.store.queries.catalog import VIEWS
from hyprl_lab.store.queries.locked import open_database
from hyprl_lab.store.queries.views import create, quoted
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    import duckdb

    from hyprl_lab.store.queries.reader import Reader
    from hyprl_lab.types import ProgressCallback

__all__ = ["Snapshot", "write_snapshot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A DuckDB file that was written.

    Parameters
    ----------
    path
        Where it is.
    size
        Bytes.
    rows
        Of each table; there is one for each view.
    """

    path: Path
    size: int
    rows: dict[str, int]


def write_snapshot(
    reader: Reader,
    path: str | Path,
    *,
    overwrite: bool = False,
    progress: ProgressCallback | None = None,
) -> Snapshot:
    """Write every view's rows into a DuckDB file; see `Warehouse.snapshot`."""
    import duckdb

    named = Path(path).expanduser()
    # The folder is looked up, the name is not: a link of that name is replaced, not written through
    target = named.parent.resolve() / named.name if named.name != ".." else named.resolve()
    aside = target.with_name(staging.name(f".{target.name}"))
    try:
        _check_target(target, overwrite=overwrite)
        with reader.held(VIEWS) as sources:
            connection = open_database()
            try:
                create(connection, sources)
                rows = _copied(connection, aside, progress)
            except duckdb.Error as error:  # here, or it is taken for a query's
                raise _unwritten(target, error) from error
            finally:
                connection.close()
        size = aside.stat().st_size
        disk.place(aside, target)
    except (duckdb.Error, OSError) as error:
        raise _unwritten(target, error) from error
    finally:
        for left in (aside, aside.with_name(f"{aside.name}.wal")):
            with suppress(OSError):
                disk.unlink(left)
    return Snapshot(path=target, size=size, rows=rows)


def _unwritten(target: Path, error: Exception) -> WarehouseError:
    return WarehouseError(
        f"{target} can't be written ({error}); what was there is as it was: free some space, "
        "or check the folder's permissions, and try again"
    )


def _check_target(target: Path, *, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise WarehouseError(f"there is no folder {target.parent}; make it first")
    if target.is_dir() or (os.path.lexists(target) and not overwrite):
        raise WarehouseError(
            f"{target} is there already; name another file, or say that it may be replaced "
            "(overwrite=True, --force)"
        )


def _copied(
    connection: duckdb.DuckDBPyConnection, path: Path, progress: ProgressCallback | None
) -> dict[str, int]:
    started = time.monotonic()
    connection.execute(f"ATTACH {quoted(str(path))} AS snapshot")
    rows: dict[str, int] = {}
    for view in VIEWS:
        connection.execute(f"CREATE TABLE snapshot.{view} AS SELECT * FROM {view}")  # noqa: S608  # our names
        found = connection.execute(f"SELECT count(*) FROM snapshot.{view}").fetchone()  # noqa: S608  # our names
        rows[view] = 0 if found is None else int(found[0])
        if progress is not None:
            progress(Progress(done=len(rows), total=len(VIEWS), seconds=time.monotonic() - started))
    connection.execute("DETACH snapshot")  # writes and syncs all of it
    return rows
