"""Whether rows beside the runs are what their links claim: added files, removals, verdicts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from hyprl_lab.store.runs import attachments, evidence
from hyprl_lab.store.runs.findings import Finding
from hyprl_lab.store.runs.proof.state import canonical, files_of, parsed, same, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.store.runs.proof.state import Row, State

__all__ = ["check_artifacts", "check_removals", "check_verdicts"]


def check_artifacts(state: State, run_hash: str | None = None) -> Iterator[Finding]:
    """Find rows of added files that no link claims, and claimed ones without a row."""
    runs = {row["seq"]: row for row in state.runs}
    claimed = Counter(link["body"] for link in state.links("artifact"))
    for row in state.artifacts:
        run = runs.get(row["run_seq"], {})
        body = canonical(attachments.claim_of(run, row)) if run else None
        subject = str(run.get("run_hash"))
        if claimed[body]:
            claimed[body] -= 1
        elif run_hash in (None, subject):
            message = f"no link claims the row of {row['file']!r}: it was changed, or put there"
            yield Finding("artifact", subject, message)
    for body in claimed.elements():
        claim = parsed(body)
        if run_hash in (None, claim.get("run_hash")):
            message = f"{claim.get('file')!r} was added; its row is missing or was changed"
            yield Finding("artifact", str(claim.get("run_hash")), message)


def check_removals(state: State, run_hash: str | None = None) -> Iterator[Finding]:
    """Find rows of given-up files that differ from what links claim."""
    hashes = {row["seq"]: row["run_hash"] for row in state.runs}
    claimed = _claimed_removals(state)
    for row in state.removals:
        subject = str(hashes.get(row["run_seq"]))
        expected = claimed.pop((row["run_seq"], row["file"]), {})
        found = {name: row[name] for name in ("generation", "created_at", "unlinked_at")}
        if run_hash not in (None, subject):
            continue
        if expected.keys() != found.keys():
            message = f"no link claims that {row['file']!r} was given up"
            yield Finding("removal", subject, message)
            continue
        for name, value in expected.items():
            if not same(found[name], value):
                message = f"{name} of {row['file']!r} is {found[name]!r}; {value!r} was claimed"
                yield Finding("removal", subject, message)
    for seq, file in claimed:
        subject = str(hashes.get(seq))
        if run_hash in (None, subject):
            message = f"{file!r} was given up; its row is missing or was changed"
            yield Finding("removal", subject, message)


def check_verdicts(state: State) -> Iterator[Finding]:
    """Find verdicts whose rows are not what was claimed, or are missing."""
    claimed = Counter(link["body"] for link in state.links("verdict"))
    for row in state.verdicts:
        body = canonical(evidence.claim_of(row))
        if claimed[body]:
            claimed[body] -= 1
        else:
            message = "no link claims its row: it was changed, or put there"
            yield Finding("verdict", str(row["id"]), message)
        if not same(row["id"], sha256_of(row["body"])):
            message = f"its body has SHA-256 {sha256_of(row['body'])}, which should be its id"
            yield Finding("verdict", str(row["id"]), message)
        for name, value in evidence.columns_of(parsed(row["body"])).items():
            if not same(row[name], value):
                message = f"column {name} is {row[name]!r}; its body says {value!r}"
                yield Finding("verdict", str(row["id"]), message)
    for body in claimed.elements():
        message = "it was stored; its row is missing or was changed"
        yield Finding("verdict", str(parsed(body).get("id")), message)


def _claimed_removals(state: State) -> dict[tuple[Any, Any], Row]:
    """Return what links claim of files that were given up, by run's seq and file name."""
    claimed: dict[tuple[Any, Any], Row] = {}
    for link in state.links("removal"):
        body = parsed(link["body"])
        for file in files_of(link["body"]):
            run_seq, name = file.get("run_seq"), file.get("file")
            if type(run_seq) is not int or not isinstance(name, str):
                continue  # claims nothing that a row could hold
            entry = claimed.setdefault((run_seq, name), {})
            if body.get("subject") == "unlinked":
                entry["unlinked_at"] = body.get("created_at")
            else:
                entry["generation"] = file.get("generation")
                entry["created_at"] = body.get("created_at")
                entry.setdefault("unlinked_at", None)
    return claimed
