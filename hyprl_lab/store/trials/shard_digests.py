"""What parts hold of a shard, against what the shard was committed with.

Shards that are older than digests get theirs when they are read for another reason: by a
compaction, or when their study is completed. Each table's digest stands by itself, for the parts
of one may be read and those of the other not. What a completed study claims is never added to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.store.control.database import Transaction
    from hyprl_lab.store.parts.merging import Held

__all__ = ["DIGESTS", "difference", "fill", "is_owed"]

DIGESTS: Final = {"trials": "trials_digest", "trial_blocks": "blocks_digest"}
"""The column of `shards` with the digest of a table."""

_FILLS: Final = {"trials": "studies.digest_trials", "trial_blocks": "studies.digest_blocks"}


def is_owed(table: str, shard: Mapping[str, Any], study_digest: str | None) -> bool:
    """Whether a shard is older than the digest of a table, and may get it yet.

    Parameters
    ----------
    shard
        Its row.
    study_digest
        That of its study; `None` before it is complete, and of one that is older than digests.

    Examples
    --------
    >>> is_owed("trials", {"trials_digest": None}, None)
    True
    >>> is_owed("trials", {"trials_digest": None}, "ab")
    False
    """
    return shard[DIGESTS[table]] is None and study_digest is None


def difference(
    table: str, held: Held, shard: Mapping[str, Any], study_digest: str | None
) -> str | None:
    """Return how what a part holds of a shard differs from its row; `None` where it does not.

    Parameters
    ----------
    held
        Of a part of `table`.
    shard, study_digest
        As for `is_owed`, which excuses a digest that is missing.
    """
    found = (held.piece.rows, held.first_index, held.digest)
    expected = (shard["rows"], shard["first_index"], shard[DIGESTS[table]])
    if is_owed(table, shard, study_digest):
        first = held.first_index if shard["first_index"] is None else shard["first_index"]
        expected = (shard["rows"], first, held.digest)
    if found == expected:
        return None
    return (
        f"{found[0]} {table} from {found[1]} with digest {found[2]}; "
        f"expected {expected[0]} from {expected[1]} with {expected[2]}"
    )


def fill(transaction: Transaction, table: str, held: Held) -> None:
    """Give a shard the digest of what was read of it, unless it has one."""
    transaction.execute(
        _FILLS[table],
        study_id=held.piece.study_id,
        shard=held.piece.shard,
        first_index=held.first_index,
        digest=held.digest,
    )
