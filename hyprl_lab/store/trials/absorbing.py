"""Taking in the single backtests that other processes have recorded and not committed.

Each row is taken in once, whoever does it and however often it is tried: the transaction that puts
rows into `small_trials` notes up to which number the journal is committed, and the process's own
commits note the same. Files go after that commit, and the note when they are gone. So whoever holds
the write lock knows from the note what is new, and where there is no note any more, that the files
are gone too.

Of a living process, which may have been stopped for a while, the lines that follow the note without
a gap are taken in, and its files are its own: it finds the note when it commits. Its last line may
be torn, for it is being written, and shows nothing yet.

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
from hyprl_lab.store.trials.journal import journal_of, part_of, unframed
from hyprl_lab.store.trials.keys import KEY_BYTES
from hyprl_lab.store.trials.small import PURPOSES, committed_up_to, note_committed, put_rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hyprl_lab.store.control.database import Control

__all__ = ["absorb", "forget"]

_log = logging.getLogger(__name__)

_BATCH: Final = 5_000

_READS: Final = 3
"""A file that is emptied and filled again while it is read has a gap once, but not each time."""


def absorb(control: Control, folder: Path, *, own: str = "") -> int:
    """Commit what other processes have in their journals; return how many rows there were.

    Files of dead processes go. A line that is torn or damaged there is dropped, with a warning; a
    file that can't be read stays, with a warning too.

    Parameters
    ----------
    control
        The control database.
    folder
        Of the journals; it need not be there.
    own
        The journal that is left alone, for its recorder has its rows.

    Raises
    ------
    WarehouseError
        The folder can't be read, the rows can't be written, or a living process could not write
        down one row and has written down others; nothing is lost.
    """
    found: dict[str, list[Path]] = {}
    for path in _files(folder):
        if staging.is_staged(path.name) and journal_of(path.name) != own:
            found.setdefault(journal_of(path.name), []).append(path)
    return sum(_absorb(control, name, paths) for name, paths in sorted(found.items()))


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
        noted = transaction.rows("journals.all")
    # after the rows: a journal's first file is there before its first note
    there = {journal_of(path.name) for path in _files(folder)} if noted else set()
    gone = [row for row in noted if row["name"] not in there]
    if gone:
        with control.write() as transaction:
            transaction.many("journals.forget", gone)


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
    """Commit what a journal holds; where its process is dead, remove its files."""
    dead = all(map(staging.is_abandoned, paths))  # before they are read: nothing is added since
    taken = 0
    for _ in range(_READS):
        found = _lines(paths, dead)
        if found is None:
            return taken
        count, missing = _commit(control, name, paths, found, dead)
        taken += count
        if missing is None:
            break
    else:
        raise WarehouseError(
            f"row {missing} of journal {name} could not be written down by its process, which "
            "lives and has not committed it, and there are others after it: they would be missing "
            "from the count; wait until that process commits, or end it"
        )
    for path in paths if dead else ():
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("%s is taken in and can't be removed (%s)", path, error.strerror)
    return taken


def _lines(paths: Iterable[Path], dead: bool) -> list[_Line] | None:
    """Return the lines of files in their order, `None` where one can't be read."""
    lines: list[_Line] = []
    for path in sorted(paths, key=part_of, reverse=True):  # what comes before a line is there too
        try:
            lines += _read(path, dead)
        except FileNotFoundError:  # another process was here just now, or it is committed
            continue
        except OSError as error:
            _log.warning(
                "%s can't be read (%s): trials that another process recorded may be missing from "
                "the count", path, error.strerror,
            )  # fmt: skip
            return None
    return sorted(lines, key=lambda line: line.number)


def _commit(
    control: Control, name: str, paths: Iterable[Path], lines: list[_Line], dead: bool
) -> tuple[int, int | None]:
    """Commit the lines that are new; return how many, and the row that is missing after them."""
    taken = 0
    for start in range(0, len(lines), _BATCH):
        batch = lines[start : start + _BATCH]
        with control.read() as transaction:
            if committed_up_to(transaction, name) >= batch[-1].number:
                continue
        with control.write() as transaction:
            committed = committed_up_to(transaction, name)
            new = [line for line in batch if line.number > committed]
            if not new or not any(path.exists() for path in paths):
                continue  # another process took them in; where the files are gone, so is its note
            rows = new if dead else _following(new, committed)
            if rows:
                put_rows(transaction, [line.row for line in rows])
                note_committed(transaction, name, rows[-1].number)
        taken += len(rows)
        if len(rows) < len(new):
            return taken, new[len(rows)].number - 1
    return taken, None


def _following(lines: list[_Line], committed: int) -> list[_Line]:
    """Return the lines that follow what is committed, up to the first gap.

    What is after a gap must not be noted: the process itself has yet to commit the row in it.
    """
    before = committed or lines[0].number - 1  # without a note, all before is committed, or none
    return [line for place, line in enumerate(lines, before + 1) if line.number == place]


def _read(path: Path, dead: bool) -> list[_Line]:
    with open_plain_file(path) as file:
        read = [(line, _parsed(unframed(line))) for line in file]
    damaged = sum(found is None for _, found in read)
    if damaged and dead:
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
