"""Taking in the single backtests that killed processes had recorded and not committed.

Each row is taken in once, whoever does it and however often it is tried: the transaction that puts
rows into `small_trials` notes up to which number the journal is committed, and the process's own
commits note the same. Files go after that commit, and the note when they are gone. So whoever holds
the write lock knows from the note what is new, and where there is no note any more, that the files
are gone too.

A process is dead when its machine's kernel says so. Of another machine's, where only the file can
be seen, it is believed after an hour without a new line; if it lives after all, it finds the note,
and begins another file.
"""

from __future__ import annotations

import json
import logging
import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import WarehouseError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import staging
from hyprl_lab.store.plain_file import open_plain_file
from hyprl_lab.store.schemas import TRIAL_STATES
from hyprl_lab.store.trials.journal import journal_of, unframed
from hyprl_lab.store.trials.keys import KEY_BYTES
from hyprl_lab.store.trials.small import PURPOSES, committed_up_to, note_committed, put_rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hyprl_lab.store.control.database import Control

__all__ = ["absorb", "forget"]

_log = logging.getLogger(__name__)

_BATCH: Final = 5_000


def absorb(control: Control, folder: Path) -> int:
    """Commit what dead processes left in their journals; return how many rows there were.

    A line that is torn or damaged is dropped, with a warning; so is a file that can't be read,
    which stays.

    Parameters
    ----------
    control
        The control database.
    folder
        Of the journals; it need not be there.

    Raises
    ------
    WarehouseError
        The folder can't be read, or the rows can't be written; nothing is lost.
    """
    left: dict[str, list[Path]] = {}
    for path in _files(folder):
        if staging.is_abandoned(path):
            left.setdefault(journal_of(path.name), []).append(path)
    return sum(_absorb(control, name, paths) for name, paths in sorted(left.items()))


def forget(control: Control, folder: Path) -> None:
    """Drop the notes of journals whose files are gone.

    Parameters
    ----------
    control, folder
        As for `absorb`.

    Raises
    ------
    WarehouseError
        The folder can't be read, or the database can't be written.
    """
    with control.read() as transaction:
        noted = {row["name"] for row in transaction.rows("journals.names")}
    # after the rows: a journal's first file is there before its first note
    gone = noted - {journal_of(path.name) for path in _files(folder)} if noted else noted
    if gone:
        with control.write() as transaction:
            transaction.many("journals.forget", [{"name": name} for name in sorted(gone)])


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise WarehouseError(
            f"{folder} can't be read ({error.strerror}), so trials of killed processes could not "
            "be counted; check the folder's permissions"
        ) from error


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    row: dict[str, Any]


def _absorb(control: Control, name: str, paths: list[Path]) -> int:
    """Commit what a journal holds, and remove its files."""
    lines: list[_Line] = []
    for path in paths:
        try:
            lines += _read(path)
        except FileNotFoundError:  # another process was here just now
            continue
        except OSError as error:
            _log.warning(
                "%s can't be read (%s): trials that a killed process recorded may be missing from "
                "the count", path, error.strerror,
            )  # fmt: skip
            return 0
    lines.sort(key=lambda line: line.number)
    taken = 0
    while lines:
        batch, lines = lines[:_BATCH], lines[_BATCH:]
        taken += _commit(control, name, paths, batch)
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("%s is taken in and can't be removed (%s)", path, error.strerror)
    return taken


def _commit(control: Control, name: str, paths: Iterable[Path], batch: list[_Line]) -> int:
    """Commit the lines that are new; return how many."""
    with control.read() as transaction:
        if committed_up_to(transaction, name) >= batch[-1].number:
            return 0
    with control.write() as transaction:
        committed = committed_up_to(transaction, name)
        new = [line.row for line in batch if line.number > committed]
        if not new or not any(path.exists() for path in paths):
            return 0  # another process took them in; where the files are gone, so is its note
        put_rows(transaction, new)
        note_committed(transaction, name, batch[-1].number)
    return len(new)


def _read(path: Path) -> list[_Line]:
    with open_plain_file(path) as file:
        read = [(line, _parsed(unframed(line))) for line in file]
    damaged = sum(found is None for _, found in read)
    if damaged:
        _log.warning(
            "%s: %d of %d lines are torn or damaged, and were dropped: a process was killed while "
            "it wrote, or the machine lost its power", path, damaged, len(read),
        )  # fmt: skip
    return [found for _, found in read if found is not None]


def _parsed(body: bytes | None) -> _Line | None:
    """Return a row as `TrialRow.to_body` wrote it, `None` where it is no such thing."""
    if body is None:
        return None
    try:
        number, at, names, values, metrics, texts, seen = json.loads(body)
        doubles = [
            list(struct.unpack(f"<{len(packed) // 16}d", bytes.fromhex(packed)))
            for packed in (values, metrics)
        ]
        row: dict[str, Any] = {
            **dict(zip(_TEXTS, texts, strict=True)),
            **dict(zip(_SEEN, seen, strict=True)),
            "param_names": json.dumps(names),
            "param_values": json.dumps(doubles[0], allow_nan=False),
            "metrics": json.dumps(_defined(doubles[1]), allow_nan=False),
            "at": at,
        }
        fits = (
            all(isinstance(row[name], str) for name in _TEXTS)
            and all(isinstance(row[name], int | None) for name in ("first_ts", "last_ts"))
            and isinstance(row["fingerprint"], str | None)
            and type(number) is type(at) is int
            and number > 0
            and len(doubles[0]) == len(names)
            and all(isinstance(name, str) for name in names)
            and len(bytes.fromhex(row["trial_key"])) == KEY_BYTES
            and 0 <= int(row["behaviour_hash"]) < 2**64
            and row["state"] in TRIAL_STATES
            and row["purpose"] in PURPOSES
        )
    except (ValueError, TypeError, KeyError, struct.error, RecursionError):
        return None
    return _Line(number, row) if fits else None


_TEXTS: Final = (
    *("id", "trial_key", "lineage_root", "strategy_hash", "state", "behaviour_hash", "purpose"),
)
_SEEN: Final = ("first_ts", "last_ts", "fingerprint")


def _defined(values: list[float]) -> dict[str, float | None]:
    found = dict(zip(TRIAL_METRICS, values, strict=True))
    return {name: None if math.isnan(value) else value for name, value in found.items()}
