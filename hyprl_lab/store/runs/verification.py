"""Comparing everything that was claimed with what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.store.runs import proof
from hyprl_lab.store.runs.checkpoint import FILE, Checkpoint
from hyprl_lab.store.runs.findings import Finding, Verification
from hyprl_lab.store.signing import is_key_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hyprl_lab.store.parts.pins import Pins
    from hyprl_lab.store.runs.claims import Claims
    from hyprl_lab.store.runs.proof import State

__all__ = ["Finding", "Verification", "verify"]


def verify(
    claims: Claims,
    folder: Path,
    pins: Pins,
    run_hash: str | None = None,
    *,
    key_id: str | None = None,
) -> Verification:
    """Check the checkpoint, the chain, every row that it claims, and the files of runs.

    One state is checked, whoever writes meanwhile; its files are pinned. Of studies only the links
    are checked here; `Ledger.verify` reads their rows and trials.

    What is not seen: an older checkpoint that is put back together with the chain, rows and files
    of its time, for which a copy of a later one is needed; a home from which the checkpoint, the
    keys and the trusted keys are gone, which looks like one that never signed; a link that is
    added at the end with a row that it claims, which is what saving does; and whatever is signed
    with the home's key.

    Parameters
    ----------
    claims
        Of the ledger.
    folder
        Where the folders of all runs are.
    pins
        Who is reading.
    run_hash
        Check the chain, and of the rows and files those of the runs of this hash alone.
    key_id
        Of the key that must have signed the checkpoint; any that is trusted here where `None`.

    Returns
    -------
    Verification
        With all that is wrong.

    Raises
    ------
    NotFoundError
        No run of that hash is stored, nor claimed.
    InputError
        `key_id` is no name of a key.
    """
    if key_id is not None and not is_key_id(key_id):
        raise InputError(f"key_id is {key_id!r}; expected 16 of 0-9 and a-f, all of a key's id")
    with pins.hold():
        state = proof.read_state(claims)
        runs = [row for row in state.runs if run_hash in (None, row["run_hash"])]
        known = runs or any(link["subject"] == run_hash for link in state.links("run"))
        if run_hash is not None and not known:
            raise NotFoundError(f"no run {run_hash} in {claims.control.name}")
        signer = state.signed.key_id if isinstance(state.signed, Checkpoint) else None
        findings = (*_of_signer(signer, key_id), *_findings(state, folder, run_hash))
    return Verification(links=len(state.chain), runs=len(runs), findings=findings, key_id=signer)


def _of_signer(found: str | None, expected: str | None) -> Iterator[Finding]:
    if expected not in (None, found):
        signer = "no key that is trusted here" if found is None else f"key {found}"
        yield Finding("checkpoint", FILE, f"{signer} signed it; expected key {expected}")


def _findings(state: State, folder: Path, run_hash: str | None) -> Iterator[Finding]:
    yield from proof.check_links(state)
    yield from proof.check_runs(state, run_hash)
    yield from proof.check_artifacts(state, run_hash)
    yield from proof.check_removals(state, run_hash)
    yield from proof.check_environments(state, run_hash)
    if run_hash is None:
        yield from proof.check_verdicts(state)
    yield from proof.check_files(state, folder, run_hash)
