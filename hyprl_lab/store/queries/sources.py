"""What one query reads, all of it from one state of the warehouse."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.store.parts import verified
from hyprl_lab.store.queries.recorded import RECORDED, arrow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa

    from hyprl_lab.store.control.database import Control
    from hyprl_lab.store.parts.folder import PartsFolder
    from hyprl_lab.store.parts.part_store import LivePart, PartStore
    from hyprl_lab.store.queries.watching import Limit

__all__ = ["ARTIFACTS", "Sources", "collect", "reads_files"]

ARTIFACTS: Final = ("equity", "orders", "trades")
"""Views over a file of each run."""

_CHECKED: Final = 8
"""Files that are checked before somebody may stop it."""

_TABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "backtests": ("backtests",),
    "bars": ("bars",),
    "trial_blocks": ("trial_blocks",),
    "trials": ("trials", "backtests"),
}
"""The tables of parts that a view reads."""

_ROWS: Final[Mapping[str, tuple[str, ...]]] = {
    "backtests": ("waiting_backtests", "looks"),
    "trials": ("waiting_backtests",),
    **dict.fromkeys(ARTIFACTS, ("runs", "removed")),
}
"""The rows of the control database that a view reads besides those of its own name."""


@dataclass(frozen=True, slots=True)
class Sources:
    """A fixed list of files, and rows of the control database.

    Parameters
    ----------
    views
        What the query may name.
    parts
        Live parts of the tables that are read.
    artifacts
        For each view of `ARTIFACTS` its files.
    tables
        Rows by the name of their statement.
    """

    views: tuple[str, ...]
    parts: list[LivePart] = field(default_factory=list)
    artifacts: dict[str, list[str]] = field(default_factory=dict)
    tables: dict[str, pa.Table] = field(default_factory=dict)

    @property
    def paths(self) -> list[str]:
        """Every file the query may open."""
        runs = [path for paths in self.artifacts.values() for path in paths]
        return [part.address for part in self.parts] + runs

    def addresses(self, table: str) -> list[str]:
        """Return where the live parts of a table are."""
        return [part.address for part in self.parts if part.table_name == table]


def reads_files(views: Iterable[str]) -> bool:
    """Whether views read files that a sweep could take away.

    Examples
    --------
    >>> reads_files(["runs"]), reads_files(["runs", "trades"])
    (False, True)
    """
    return any(view in _TABLES or view in ARTIFACTS for view in views)


def collect(
    views: tuple[str, ...],
    control: Control,
    parts: PartStore,
    artifacts: PartsFolder,
    limit: Limit,
) -> Sources:
    """Return what views read; files are checked against their hashes.

    Where `reads_files` says so, a pin is to be held from before this call until the last row was
    read.

    Raises
    ------
    CancelledError
        The token was set while files were hashed.
    WarehouseError
        The time was up while files were hashed.
    IntegrityError
        A part or artifact that is needed is missing or corrupt; the message names it.
    """
    tables = sorted({table for view in views for table in _TABLES.get(view, ())})
    own = {view for view in views if view in RECORDED}
    statements = own.union(*(_ROWS.get(view, ()) for view in views))
    sources = Sources(views)
    with control.read() as transaction:
        if tables:
            sources.parts.extend(parts.live(transaction, tables))
        rows = {name: transaction.rows(f"views.{name}") for name in sorted(statements)}
    _check(parts.folder, [(part.name, part.size, part.sha256) for part in sources.parts], limit)
    for view in ARTIFACTS:
        if view in views:
            found = _artifacts(rows["runs"], rows["removed"], f"{view}.parquet")
            _check(artifacts, found, limit)
            sources.artifacts[view] = [artifacts.address(name) for name, _, _ in found]
    sources.tables.update(
        {name: arrow(name, entries) for name, entries in rows.items() if name != "removed"}
    )
    return sources


def _check(folder: PartsFolder, files: list[tuple[str, int, str]], limit: Limit) -> None:
    """Check that files hold what was committed, a few at a time: it takes long at first."""
    for start in range(0, len(files), _CHECKED):
        limit.check()
        verified.check(folder, files[start : start + _CHECKED])
    limit.check()


def _artifacts(
    runs: list[dict[str, Any]], removed: list[dict[str, Any]], name: str
) -> list[tuple[str, int, str]]:
    """Return each run's file of a name, with the length and hash of its manifest.

    Of a run that several engines computed it is that of the one stored last. A run that is older
    than the artifact has none, and neither has one whose files were given up.
    """
    stored = sorted((row for row in runs if row["seq"] is not None), key=lambda row: row["seq"])
    newest = {row["run_hash"]: row for row in stored}
    gone = {row["folder"] for row in removed if row["file"] == name}
    return [
        (f"{row['folder']}/{name}", entry["size"], entry["sha256"])
        for row in newest.values()
        if row["folder"] not in gone
        for entry in json.loads(row["manifest"])["files"]
        if entry["file"] == name
    ]
