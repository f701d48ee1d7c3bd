"""Whether a backup is what its own database says, before anything of it is put in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.backup import tables
from hyprl_lab.store.backup.content import DATABASE
from hyprl_lab.store.backup.naming import named_artifacts, named_parts
from hyprl_lab.store.control.database import Transaction
from hyprl_lab.store.runs import chain, checkpoint

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.store.backup.content import BackupContent
    from hyprl_lab.store.backup.naming import NamedFile

__all__ = ["check"]


def check(folder: Path, content: BackupContent) -> None:
    """Check a backup's database, checkpoint and key, and the list of its other files.

    The database is brought to today's schema by it.

    Parameters
    ----------
    folder
        A copy of `control.sqlite`, `checkpoint.json` and `trusted`.
    content
        What the backup says it holds.

    Raises
    ------
    IntegrityError
        It has no database, or one with more or less than the lab's own tables; the database is of
        another ledger, chain or schema than was said; the checkpoint does not verify under the
        key beside it, or is of another chain; or files are missing or too many.
    WarehouseError
        The database is of a newer lab.
    """
    if not any(file.place == DATABASE for file in content.files):
        raise _wrong(f"it holds no {DATABASE}")
    version = tables.check_objects(folder / DATABASE)
    if version != content.schema_version:
        raise _wrong(f"its database has schema {version}; {content.schema_version} was said")
    signed = checkpoint.read(folder)
    with tables.opened(folder / DATABASE) as connection:
        copied = Transaction(connection)
        _check_chain(copied, content, signed)
        named = [*named_parts(copied), *named_artifacts(copied)]
    _check_files(named, content, signed)


def _check_chain(
    copied: Transaction, content: BackupContent, signed: checkpoint.Checkpoint | None
) -> None:
    row = copied.row("meta.get", key="ledger_id")
    ledger_id = None if row is None else row["value"]
    if ledger_id != content.ledger_id:
        raise _wrong(f"its database is of ledger {ledger_id!r}; {content.ledger_id!r} was said")
    genesis = chain.genesis_of(ledger_id)
    links, head = chain.head(copied, genesis)
    if (links, head) != (content.links, content.head):
        raise _wrong(
            f"its chain has {links} links that end in {head}; {content.links} that end in "
            f"{content.head} were said"
        )
    end: str | None = genesis
    if signed is not None and signed.seq:
        last = copied.row("chain.at", seq=signed.seq - 1)
        end = None if last is None else str(last["chain_hash"])
    wrong = checkpoint.contradiction(signed, ledger_id=ledger_id, length=links, end=end)
    if wrong:
        raise _wrong(wrong)


def _check_files(
    named: list[NamedFile], content: BackupContent, signed: checkpoint.Checkpoint | None
) -> None:
    expected = {DATABASE}
    if signed is not None:
        expected |= {checkpoint.FILE, f"trusted/{signed.key_id}.pub"}
    found = {file.place: (file.size, file.sha256) for file in content.files}
    wanted = {place: (size, sha256) for place, size, sha256 in named}
    missing = sorted((expected | wanted.keys()) - found.keys())
    if missing:
        raise _wrong(f"its database names {missing[0]}, which it does not hold")
    strange = sorted(found.keys() - expected - wanted.keys())
    if strange:
        raise _wrong(f"it holds {strange[0]}, which its database does not name")
    for place, what in wanted.items():
        if found[place] != what:
            raise _wrong(f"its {place} is not the one that its database names")


def _wrong(what: str) -> IntegrityError:
    return IntegrityError(
        f"the backup is damaged or was changed: {what}; nothing was restored, try another backup"
    )
