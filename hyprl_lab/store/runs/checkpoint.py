"""How long the chain is and what it ends in, signed, in a file outside the database.

`HYPRL_HOME/checkpoint.json` is the RFC 8785 JSON of `ledger_id`, `seq` (the number of links that
it covers), `head` (the hash that they end in), `single_trials` and `single_trials_digest` (the
single backtests that it covers), `created_at`, `key_id` and `signature`: Ed25519 over the same JSON
without the signature. Whoever cuts the chain's tail off, or writes the whole chain
anew, has no key to sign another one with.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import IntegrityError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store import disk, staging
from hyprl_lab.store.control.writer import now_us
from hyprl_lab.store.plain_file import read_plain_file
from hyprl_lab.store.signing import (
    has_signed,
    keep_key,
    kept_public,
    key_id_of,
    new_key,
    public_key,
    signing_key,
    trust,
    verify_signature,
)

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.store.signing import Purpose

__all__ = ["FILE", "Checkpoint", "contradiction", "export", "read", "write"]

FILE: Final = "checkpoint.json"
_PURPOSE: Final[Purpose] = "checkpoint"
_MAX_BYTES: Final = 4096
_KINDS: Final[dict[str, type]] = {
    "ledger_id": str,
    "seq": int,
    "head": str,
    "created_at": int,
    "key_id": str,
    "single_trials": int,
    "single_trials_digest": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What was signed of a chain.

    Parameters
    ----------
    seq
        The number of links it covers.
    head
        The hash that they end in; with none, what the first one would follow.
    created_at
        Microseconds since the epoch, UTC.
    key_id
        Which trusted key signed it.
    single_trials, single_trials_digest
        How many single backtests it covers, and the digest over them; see
        `hyprl_lab.store.trials.single_digest`.
    """

    ledger_id: str
    seq: int
    head: str
    created_at: int
    key_id: str
    single_trials: int = 0
    single_trials_digest: str = ""


def read(home: Path) -> Checkpoint | None:
    """Return a home's checkpoint, `None` where none was ever signed.

    Raises
    ------
    IntegrityError
        The file is not, to the byte, a checkpoint that a trusted key signed; or it is gone from a
        home that has signed one.
    """
    found = _read(home)
    return None if found is None else found[0]


def export(home: Path, folder: Path) -> Checkpoint | None:
    """Write a home's checkpoint, and the public key that it verifies under, into a folder.

    Raises
    ------
    IntegrityError
        As `read`.
    OSError
        The folder can't be written.
    """
    found = _read(home)
    if found is None:
        return None
    signed, content = found
    public = kept_public(home, _PURPOSE)
    if public is None or key_id_of(public) != signed.key_id:
        public = public_key(home, signed.key_id, _PURPOSE)
    trust(folder, public, _PURPOSE)
    disk.write(folder / FILE, content)
    return signed


def _read(home: Path) -> tuple[Checkpoint, bytes] | None:
    """Return a checkpoint that verifies, and its bytes."""
    path = home / FILE
    signed = has_signed(home, _PURPOSE)  # before looking: the first checkpoint precedes its key
    own = kept_public(home, _PURPOSE)  # likewise: no other key may sign once there is one
    if not os.path.lexists(path):
        if signed:
            raise IntegrityError(
                f"the signed checkpoint is gone: {path} is missing, and this home has the key of "
                "one; bring it back from a backup"
            )
        return None
    content = read_plain_file(path, max_bytes=_MAX_BYTES)
    body = _parsed(content)
    signature = body.pop("signature")
    verify_signature(
        home,
        key_id=body["key_id"],
        signature=signature,
        message=canonical_json(body),
        purpose=_PURPOSE,
        only=own,
    )
    return Checkpoint(**body), content


def write(
    home: Path,
    *,
    ledger_id: str,
    seq: int,
    head: str,
    single_trials: int = 0,
    single_trials_digest: str = "",
) -> Checkpoint:
    """Sign and put in place a home's checkpoint; on return a power cut can't undo it.

    Raises
    ------
    OSError
        The disk is full, or the home can't be written; the one before stays.
    """
    is_first = kept_public(home, _PURPOSE) is None  # or restored, which brings no private key
    key = new_key(home, _PURPOSE) if is_first else signing_key(home, _PURPOSE)
    key_id = key_id_of(bytes(key.verify_key))
    body: dict[str, Any] = {
        "ledger_id": ledger_id,
        "seq": seq,
        "head": head,
        "single_trials": single_trials,
        "single_trials_digest": single_trials_digest,
        "created_at": now_us(),
        "key_id": key_id,
    }
    signature = key.sign(canonical_json(body)).signature.hex()
    folder = home / "warehouse" / "tmp"
    disk.make_folder(folder)
    aside = folder / staging.name("checkpoint")
    try:
        disk.write(aside, canonical_json({**body, "signature": signature}))
        disk.rename(aside, home / FILE)
    except OSError:
        with suppress(OSError):  # a sweep does it, when this process is gone
            disk.unlink(aside)
        raise
    disk.sync_folder(home)
    if is_first:  # kept last: a home with the key has a checkpoint, or has lost it
        keep_key(home, key, _PURPOSE)
        if signing_key(home, _PURPOSE) != key:  # another process kept its own first
            return write(home, ledger_id=ledger_id, seq=seq, head=head)
    return Checkpoint(**body)


def contradiction(
    found: Checkpoint | None, *, ledger_id: str, length: int, end: str | None
) -> str | None:
    """Return in what a chain is not what was signed, `None` where it is.

    Parameters
    ----------
    found
        The home's checkpoint.
    ledger_id
        Of the ledger whose chain it is.
    length
        The chain's number of links.
    end
        The hash of the last link that the checkpoint covers, or what the first link follows where
        it covers none; `None` where that link is missing.

    Examples
    --------
    >>> contradiction(None, ledger_id="a", length=2, end=None)
    'the chain has 2 links, and its signed checkpoint is gone'
    """
    if found is None:
        return (
            f"the chain has {length} links, and its signed checkpoint is gone" if length else None
        )
    if found.ledger_id != ledger_id:
        return f"the checkpoint is of ledger {found.ledger_id!r}; this is ledger {ledger_id!r}"
    if not 0 <= found.seq <= length:
        return f"the checkpoint covers {found.seq} links; the chain has {length}"
    if end != found.head:
        return f"the first {found.seq} links of the chain end in {end}; {found.head} was signed"
    return None


def _parsed(content: bytes) -> dict[str, Any]:
    """Return the fields of a checkpoint whose bytes are exactly what `write` makes of them."""
    problem = "is no JSON"
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        kinds = {name: type(value) for name, value in found.items()}
        problem = "has other fields than a checkpoint"
        if (
            kinds == {**_KINDS, "signature": str}
            and max(map(abs, (found["seq"], found["created_at"], found["single_trials"]))) < 2**53
        ):
            problem = "is not in the form that is signed"
            if canonical_json(found) == content:
                return found
    raise IntegrityError(
        f"{FILE} {problem}: it was changed or cut short; bring it back from a backup"
    )
