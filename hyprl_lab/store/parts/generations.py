"""How often committed files were replaced or given up: what a reader pins, a file's death names.

`meta.generation` counts from 0. The transaction in which rows of live files die adds one and
writes the new number beside them, so a reader that is pinned to an earlier one may have listed
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hyprl_lab.store.control.database import Transaction

__all__ = ["current", "next_generation"]

_KEY: Final = "generation"


def current(transaction: Transaction) -> int:
    """Return the generation of the state that a transaction sees."""
    row = transaction.row("meta.get", key=_KEY)
    return 0 if row is None else int(row["value"])


def next_generation(transaction: Transaction) -> int:
    """Begin the next generation, in the write transaction that makes files die; return it."""
    generation = current(transaction) + 1
    transaction.execute("meta.put", key=_KEY, value=str(generation))
    return generation
