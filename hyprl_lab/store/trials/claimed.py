"""Whether what was counted once is still there to be counted.

N can be made smaller by hand, in the database. Before it is told, rows of the control database are
compared with what was claimed: that is quick, reads no file, and finds what is missing.
`Warehouse.verify` goes on to the content of every trial, and finds what was changed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.trials import single_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hyprl_lab.store.control.database import Transaction
    from hyprl_lab.store.runs.claims import Claims

__all__ = ["check"]

_STATED = ("digest", "lineage_root", "total")


def check(claims: Claims) -> None:
    """Raise where trials that were counted are missing.

    Parameters
    ----------
    claims
        Of the ledger.

    Raises
    ------
    IntegrityError
        The chain is not the one that was signed or lacks a link, a finished study is gone or not
        what it claimed, or a single backtest is gone.
    """
    claims.check()
    with claims.control.read() as transaction:
        wrong = next(_missing(transaction, claims.genesis), None)
    if wrong is not None:
        raise IntegrityError(
            f"{wrong}, so trials would be missing from the count; `hyprl warehouse verify` says "
            "all that differs: bring the database and the parts back from one backup"
        )


def _missing(transaction: Transaction, genesis: str) -> Iterator[str]:
    chain = transaction.row("chain.size") or {"links": 0, "length": 0}
    if chain["links"] != chain["length"]:
        yield f"the chain has {chain['links']} of {chain['length']} links"
    for row in transaction.rows("studies.claimed"):
        wrong = _of_study(row)
        if wrong is not None:
            yield f"search {str(row['subject'])[:12]} {wrong}"
    known = single_digest.read(transaction, genesis)
    if known is not None:
        found = transaction.row("small_trials.count", first=known.first_index) or {"rows": 0}
        if found["rows"] != known.rows:
            yield f"there are {found['rows']} single backtests; {known.rows} were recorded"


def _of_study(row: Mapping[str, Any]) -> str | None:
    """Return in what a study's row and shards are not what it claimed."""
    if row["total"] is None:
        return "is claimed by the chain, and has no row"
    try:
        stated = json.loads(row["body"])
        expected = [stated[name] for name in _STATED]
    except (KeyError, TypeError, ValueError, RecursionError):
        return "is claimed by a damaged link of the chain"
    found = [row[name] for name in _STATED]
    if found != expected:
        both = zip(_STATED, found, expected, strict=True)
        names = [name for name, is_now, was in both if is_now != was]
        return f"has another {' and '.join(names)} than it claimed"
    if int(row["live_rows"]) != row["total"]:
        return f"has shards of {row['live_rows']} trials; it claimed {row['total']}"
    return None
