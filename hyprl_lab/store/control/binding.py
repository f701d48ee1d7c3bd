"""One home, one ledger: a control database elsewhere than in its home serves that home alone.

The rows of the control database are the commits of files in the home, so two homes on one database
would each miss the other's files. A home whose database lies elsewhere holds the ledger's id in
`warehouse/ledger_id`, and the database holds it too.

A home with parts of which its database knows none has lost the right one. A new one would take
them for strangers, so it is refused.
"""

from __future__ import annotations

import os
import re
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import ConfigError, IntegrityError, WarehouseError
from hyprl_lab.store import disk, staging
from hyprl_lab.store.plain_file import read_plain_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hyprl_lab.store.control.database import Control, Transaction

__all__ = ["bind"]

MARK: Final = "ledger_id"
_LEDGER: Final = re.compile(rb"\s*([0-9a-f]{32})\s*")
_MAX_BYTES: Final = 1024
_MEND: Final = (
    "set HYPRL_CONTROL_URL (or HYPRL_DATABASE_URL) to the database of this home, or HYPRL_HOME to "
    "the home of that database"
)


def bind(control: Control, place: Path, *, own: Path) -> None:
    """Tie a home and its control database together, or check that they are.

    Parameters
    ----------
    control
        The database, opened.
    place
        The home's folder `warehouse`.
    own
        Where the home's own control database is, or would be.

    Raises
    ------
    ConfigError
        The database is another home's, or the home's ledger is in another database.
    IntegrityError
        The home's own database was lost, or is another one: it knows none of the home's parts;
        or the home's mark is damaged.
    WarehouseError
        The home can't be read, or can't be written where it must be.
    """
    with _refused(place):
        _bind(control, place, own)


@contextmanager
def _refused(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WarehouseError(
            f"{error.filename or place} can't be read or written ({error.strerror}); nothing was "
            "changed: check the folder's permissions and its free space, or set HYPRL_HOME to a "
            "folder that can be written"
        ) from error


def _bind(control: Control, place: Path, own: Path) -> None:
    mark = place / MARK
    elsewhere = control.path is None or control.path.resolve() != own.resolve()
    if not elsewhere and not os.path.lexists(mark):
        _check_own(control, place)
        return
    if os.path.lexists(mark):
        with control.read() as transaction:
            if _ledger(transaction) == _marked(mark):
                return
    with control.write() as transaction:
        found = _ledger(transaction)
        if os.path.lexists(mark):
            expected = _marked(mark)
            if found is None and _is_new(transaction) and not any(place.glob("parts/*")):
                transaction.execute("meta.put", key="ledger_id", value=expected)
            elif found != expected:
                raise ConfigError(
                    f"the control database {control.name} holds "
                    f"{'no ledger' if found is None else f'ledger {found}'}; expected ledger "
                    f"{expected}, which the home {place.parent} belongs to: {_MEND}"
                )
            return
        if own.exists():
            raise ConfigError(
                f"the home {place.parent} has a control database of its own, {own}; found another "
                f"one named for it, {control.name}: unset HYPRL_CONTROL_URL and "
                f"HYPRL_DATABASE_URL, or name another home by HYPRL_HOME"
            )
        if found is not None:
            raise ConfigError(
                f"the control database {control.name} holds ledger {found} of another home; "
                f"expected one that is new, or that of {place.parent}: {_MEND}"
            )
        value = uuid.uuid4().hex
        staged = place / "tmp" / staging.name(MARK)
        disk.make_folder(staged.parent)
        disk.write(staged, value.encode("ascii"))
        disk.place(staged, mark)
        transaction.execute("meta.put", key="ledger_id", value=value)


def _ledger(transaction: Transaction) -> str | None:
    row = transaction.row("meta.get", key="ledger_id")
    return None if row is None else str(row["value"])


def _marked(mark: Path) -> str:
    found = _LEDGER.fullmatch(read_plain_file(mark, max_bytes=_MAX_BYTES))
    if found is None:
        raise IntegrityError(
            f"{mark} is damaged; expected the 32 hexadecimal digits of the home's ledger: bring "
            "it back from a backup"
        )
    return found[1].decode("ascii")


def _check_own(control: Control, place: Path) -> None:
    """Refuse a database that knows no part of a home that has some.

    A part's row is committed before its file is made, so no kill leaves such a home.
    """
    files = sorted(place.glob("parts/*.parquet"))
    with control.read() as transaction:
        for file in files:
            known = transaction.row("parts.knows", id=file.stem)
            if known is not None and known["parts"]:
                return
    if files:
        raise IntegrityError(
            f"the control database {control.name} knows none of the {len(files):,} parts in "
            f"{place / 'parts'}: it was lost and made anew, or is another home's. Nothing was "
            "changed; bring the database back from a backup, or name another home by HYPRL_HOME"
        )


def _is_new(transaction: Transaction) -> bool:
    """Whether nothing was recorded, as after a kill between the mark and the commit."""
    counts = transaction.row("meta.count") or {}
    return not any(counts.values())
