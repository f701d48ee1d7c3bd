"""Whether a run's folder holds what was stored, all of it and nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.plain_file import read_plain_file
from hyprl_lab.store.runs import artifacts, attachments
from hyprl_lab.store.runs.findings import Finding
from hyprl_lab.store.runs.manifest import MANIFEST, METRICS
from hyprl_lab.store.runs.proof.runs import claimed_runs
from hyprl_lab.store.runs.proof.state import canonical, files_of, parsed, same, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hyprl_lab.store.runs.claims import Claims
    from hyprl_lab.store.runs.proof.state import Row, State

__all__ = ["check_files"]

_MOST_METRICS: Final = 1 << 24
"""Bytes of a file of metrics that are read; one of a run has a few thousand."""


class _Folder(NamedTuple):
    """A run's folder, and what was stored in it: length and hash of each file by its name."""

    path: Path
    expected: dict[str, tuple[Any, Any]]
    removed: dict[str, Any]


def check_files(state: State, folder: Path, run_hash: str | None = None) -> Iterator[Finding]:
    """Find files of runs that are missing, changed, or strangers.

    Parameters
    ----------
    folder
        Where the folders of all runs are.
    run_hash
        Look at the runs of this hash only.
    """
    claimed = claimed_runs(state)
    added, removed = _by_run(state.artifacts), _by_run(state.removals)
    for row in state.runs:
        claim = claimed.get(row["chain_hash"])
        subject = str(row["run_hash"] if claim is None else claim.link["subject"])
        if run_hash not in (None, subject):
            continue
        name = row["folder"] if claim is None else claim.folder
        text = row["manifest"] if claim is None else claim.link["body"]
        files = added[row["seq"]], removed[row["seq"]]
        stored = _stored(folder / str(name), text, *files)
        for message in _problems(stored):
            yield Finding("file", subject, message)
        for stranger in _strangers(stored, row["seq"], text, state.claims):
            message = f"{stranger} is in the run's folder, and was not stored there"
            yield Finding("file", subject, message)
        if not _says_metrics(stored, row["metrics"]):
            message = f"column metrics is not what {METRICS} holds"
            yield Finding("run", subject, message)


def _by_run(rows: list[Row]) -> defaultdict[Any, list[Row]]:
    found: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["run_seq"]].append(row)
    return found


def _stored(path: Path, manifest: Any, added: list[Row], removed: list[Row]) -> _Folder:
    expected: dict[str, tuple[Any, Any]] = {}
    if isinstance(manifest, str):
        expected[MANIFEST] = (len(manifest.encode()), sha256_of(manifest))
    for entry in (*files_of(manifest), *added):
        expected[str(entry.get("file"))] = (entry.get("size"), entry.get("sha256"))
    return _Folder(path, expected, {row["file"]: row["unlinked_at"] for row in removed})


def _problems(folder: _Folder) -> Iterator[str]:
    try:
        if not stat.S_ISDIR(folder.path.lstat().st_mode):
            yield f"{folder.path} is not a folder"
            return
    except (OSError, ValueError) as error:  # a row may say anything, also what is no name
        reason = error.strerror if isinstance(error, OSError) else error
        yield f"{str(folder.path)!r} can't be read ({reason}); bring it back from a backup"
        return
    for name, (size, sha256) in folder.expected.items():
        path = folder.path / name
        if folder.removed.get(name) is not None:
            if os.path.lexists(path):
                yield f"{name} was given up and unlinked, and is there"
            continue
        problem = artifacts.problem(path, size, sha256)
        is_going = name in folder.removed and not os.path.lexists(path)
        if problem and not is_going:
            yield f"{problem}; bring it back from a backup"


def _strangers(folder: _Folder, run_seq: Any, manifest: Any, claims: Claims) -> list[str]:
    """Return names in a run's folder that nobody stored, stores, or was about to."""
    try:
        found = {entry.name for entry in folder.path.iterdir()}
    except (OSError, ValueError):
        return []  # which is a finding of its own
    unknown = found - folder.expected.keys()
    if unknown:
        files = [{"file": str(entry.get("file"))} for entry in files_of(manifest)]
        run = {"seq": run_seq, "manifest": json.dumps({"files": files})}
        unknown -= _being_added(claims, run)
    # one that a sweep has unlinked since, announcement and all, was a dead writer's
    return sorted(name for name in unknown if os.path.lexists(folder.path / name))


def _says_metrics(folder: _Folder, metrics: Any) -> bool:
    """Whether a row's metrics are those of its file, where that is what was stored."""
    try:
        content = read_plain_file(folder.path / METRICS, max_bytes=_MOST_METRICS)
    except IntegrityError:
        return True  # which is a finding of its own
    _, sha256 = folder.expected.get(METRICS, (None, None))
    if hashlib.sha256(content).hexdigest() != sha256:
        return True  # and so is this
    return same(metrics, canonical(parsed(content).get("values")))


def _being_added(claims: Claims, run: Row) -> set[str]:
    """Return names of files that were added to a run since, are being added, or almost were."""
    with claims.control.read() as transaction:
        rows = transaction.rows("runs.artifacts", run_seq=run["seq"])
        entries = attachments.announced(transaction)
        under_way = {
            attachments.next_file(transaction, run, entry.name)
            for entry in entries
            if entry.run_seq == run["seq"]
        }
    return {str(row["file"]) for row in rows} | under_way
