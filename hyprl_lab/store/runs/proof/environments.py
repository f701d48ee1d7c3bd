"""Whether what runs and studies were made with is what its hash says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.store.runs.findings import Finding
from hyprl_lab.store.runs.proof.state import parsed, same, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.store.runs.proof.state import State

__all__ = ["check_environments"]


def check_environments(state: State, run_hash: str | None = None) -> Iterator[Finding]:
    """Find environments that are not what their hash says, and those that a claim names in vain."""
    hashes = set()
    for row in state.environments:
        hashes.add(row["hash"])
        if not same(row["hash"], sha256_of(row["body"])):
            message = f"its body has SHA-256 {sha256_of(row['body'])}"
            yield Finding("environment", str(row["hash"]), message)
    for link in (*state.links("run"), *state.links("study")):
        needed = parsed(link["body"]).get("environment_hash")
        if needed not in (None, *hashes) and run_hash in (None, link["subject"]):
            message = f"its environment {needed} is missing"
            yield Finding("environment", str(link["subject"]), message)
