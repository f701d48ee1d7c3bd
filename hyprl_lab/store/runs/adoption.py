"""Claims for what a warehouse recorded before it had any but its runs'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.runs import attachments, chain, checkpoint, evidence

if TYPE_CHECKING:
    from hyprl_lab.store.control.database import Transaction
    from hyprl_lab.store.runs.claims import Claims

__all__ = ["adopt"]


def adopt(claims: Claims) -> bool:
    """Claim, once, the files added to runs and the verdicts of a warehouse of schema 2.

    The migration to schema 3 links the runs and leaves a mark. Here the rest follows, and the
    first checkpoint. A home that has ever signed a link is past this, whatever its database says:
    its checkpoint covers one, or is missed, which `hyprl warehouse verify` finds.

    Returns
    -------
    Whether there was something to adopt.

    Raises
    ------
    WarehouseError
        The home can't be written; the next opening tries again.
    """
    with claims.control.read() as transaction:
        if transaction.row("chain.unclaimed") is None:
            return False
    try:
        signed = checkpoint.read(claims.home)
    except IntegrityError:
        return False
    if signed is not None and signed.seq:
        return False
    with claims.control.write() as transaction:
        if transaction.row("chain.unclaimed") is None:
            return False
        _claim(claims, transaction)
        transaction.execute("chain.claimed")
        claims.begin()
    claims.sign()
    return True


def _claim(claims: Claims, transaction: Transaction) -> None:
    runs = {row["seq"]: row for row in transaction.rows("runs.all")}
    for row in transaction.rows("runs.all_artifacts"):
        run = runs[row["run_seq"]]
        body = attachments.claim_of(run, row)
        chain.append(transaction, claims.genesis, "artifact", run["run_hash"], body)
    for row in transaction.rows("evidence.verdicts"):
        chain.append(transaction, claims.genesis, "verdict", row["id"], evidence.claim_of(row))
