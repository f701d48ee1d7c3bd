"""The chain over all that is claimed: each link names the one before.

A link's `body` is RFC 8785 JSON, `body_hash` its SHA-256, `chain_hash` the SHA-256 of the bytes of
`chain_prev` and `body_hash`; `chain_prev` is the `chain_hash` of the link before, or the SHA-256 of
the ledger's id for the first. No two links follow the same one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hyprl_lab.hashing import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.store.control.database import Transaction
    from hyprl_lab.types import JsonValue

__all__ = ["Link", "append", "chain_hash", "genesis_of", "head"]


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the chain.

    Parameters
    ----------
    seq
        Its place, from 0.
    body_hash, chain_prev, chain_hash
        64 hexadecimal digits each.
    """

    seq: int
    body_hash: str
    chain_prev: str
    chain_hash: str


def genesis_of(ledger_id: str) -> str:
    """Return what the first link of a ledger follows: the SHA-256 of the ledger's id.

    Examples
    --------
    >>> genesis_of("ledger")[:8]
    'fe14010b'
    """
    return hashlib.sha256(ledger_id.encode()).hexdigest()


def chain_hash(chain_prev: str, body_hash: str) -> str:
    """Return the hash of a link, in hexadecimal.

    Examples
    --------
    >>> chain_hash("00" * 32, "00" * 32)[:8]
    'f5a5fd42'
    """
    return hashlib.sha256(bytes.fromhex(chain_prev) + bytes.fromhex(body_hash)).hexdigest()


def head(transaction: Transaction, genesis: str) -> tuple[int, str]:
    """Return the number of links, and the hash that they end in."""
    row = transaction.row("chain.head")
    return (int(row["seq"]) + 1, str(row["chain_hash"])) if row else (0, genesis)


def append(
    transaction: Transaction, genesis: str, kind: str, subject: str, body: Mapping[str, JsonValue]
) -> Link:
    """Add a link inside a write transaction, which holds the one write lock.

    Parameters
    ----------
    genesis
        What the first link follows; see `genesis_of`.
    kind
        `run`, `artifact`, `removal`, `verdict` or `study`.
    subject
        What is claimed something of: a run's hash, a verdict's or a study's id.
    body
        The claim. Its `created_at` (microseconds since the epoch, UTC) is the link's.
    """
    length, previous = head(transaction, genesis)
    text = canonical_json(dict(body))
    body_hash = hashlib.sha256(text).hexdigest()
    link = Link(length, body_hash, previous, chain_hash(previous, body_hash))
    transaction.execute(
        "chain.append",
        seq=link.seq,
        kind=kind,
        subject=subject,
        body=text.decode(),
        body_hash=link.body_hash,
        chain_prev=link.chain_prev,
        chain_hash=link.chain_hash,
        created_at=body["created_at"],
    )
    return link
