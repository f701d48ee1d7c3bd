"""Whether each run's row is what its link claims."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hyprl_lab.store.runs.findings import Finding
from hyprl_lab.store.runs.manifest import CLAIMED, CONFIG, SCHEMA, folder_of
from hyprl_lab.store.runs.proof.state import files_of, parsed, same, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.store.runs.proof.state import Row, State

__all__ = ["Claimed", "check_runs", "claimed_runs"]

_OLD: Final = ("run_hash", "engine", "engine_version")
"""What a manifest of schema 1 said of a run."""

_KEY: Final = ("run_hash", "engine", "engine_version")
_STATE: Final = (
    *("config", "symbol", "timeframe", "fingerprint", "strategy_hash", "strategy_name"),
)
"""Columns that a completed run's state shares with its row."""


class Claimed(NamedTuple):
    """A run as its link claims it.

    Parameters
    ----------
    link
        The link.
    seq, folder
        Where the row has to stand, and where the run's files are.
    """

    link: Row
    seq: int
    folder: str


def claimed_runs(state: State) -> dict[str, Claimed]:
    """Return the runs that the chain claims, by their links' hash."""
    before: Counter[Any] = Counter()
    found = {}
    for seq, link in enumerate(state.links("run")):
        subject = link["subject"]
        found[link["chain_hash"]] = Claimed(link, seq, folder_of(subject, before[subject]))
        before[subject] += 1
    return found


def check_runs(state: State, run_hash: str | None = None) -> Iterator[Finding]:
    """Find rows that differ from their links, links without rows, and rows without links.

    Parameters
    ----------
    run_hash
        Look at the runs of this hash only.
    """
    claimed = claimed_runs(state)
    completed = {tuple(row[name] for name in _KEY): row for row in state.completed}
    keys = {tuple(row[name] for name in _KEY) for row in state.runs}
    for row in state.runs:
        claim = claimed.pop(row["chain_hash"], None)
        if run_hash is not None and run_hash not in (
            row["run_hash"],
            claim and claim.link["subject"],
        ):
            continue
        if claim is None:
            message = "no link of the chain claims its row: it was changed, or put there"
            yield Finding("run", str(row["run_hash"]), message)
            continue
        for message in _differences(row, claim):
            yield Finding("run", str(claim.link["subject"]), message)
        about = completed.get(tuple(row[name] for name in _KEY))
        for message in _state_differences(row, about):
            yield Finding("state", str(claim.link["subject"]), message)
    for claim in claimed.values():
        if run_hash in (None, claim.link["subject"]):
            message = f"link {claim.link['seq']} claims it; its row is missing or was changed"
            yield Finding("run", str(claim.link["subject"]), message)
    for key in completed.keys() - keys:
        if run_hash in (None, key[0]):
            yield Finding("state", str(key[0]), "it is said to be completed, and is not stored")


def _differences(row: Row, claim: Claimed) -> Iterator[str]:
    manifest = parsed(claim.link["body"])
    expected = {
        "seq": claim.seq,
        "folder": claim.folder,
        "state": "completed",
        "manifest": claim.link["body"],
        "manifest_hash": claim.link["body_hash"],
        "chain_prev": claim.link["chain_prev"],
        "created_at": claim.link["created_at"],
        **{
            name: manifest.get(name)
            for name in (CLAIMED if manifest.get("schema") == SCHEMA else _OLD)
        },
    }
    for name, value in expected.items():
        if not same(row[name], value):
            yield f"column {name} is {_short(row[name])}; {_short(value)} was claimed"
    stored = [entry for entry in files_of(claim.link["body"]) if entry.get("file") == CONFIG]
    if [entry.get("sha256") for entry in stored] != [sha256_of(row["config"])]:
        yield f"column config is not what {CONFIG} was claimed to hold"


def _state_differences(row: Row, about: Row | None) -> Iterator[str]:
    if about is None:
        yield "it is stored, and its state is not completed"
        return
    for name in _STATE:
        if not same(about[name], row[name]):
            found, stored = _short(about[name]), _short(row[name])
            yield f"column {name} of its state is {found}; that of its row is {stored}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:60]}… ({len(text)} letters)"
