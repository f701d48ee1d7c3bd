"""Which bars are the same market and time, whatever was appended, cut or added."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from hyprl_lab.store.control.writer import now_us

if TYPE_CHECKING:
    from hyprl_lab.data import Bars
    from hyprl_lab.store.control.database import Transaction

__all__ = ["resolve"]


def resolve(transaction: Transaction, bars: Bars) -> str:
    """Return the lineage root of bars, in a transaction that holds the write lock.

    Bars of one symbol and timeframe whose times overlap, ends included, share a root, and the
    root's span grows to hold them. Bars that overlap nothing start a new root. Bars that bridge
    roots merge them into the oldest, and the others point at it for ever, so that counts span
    them all.

    A root's name is a hash of symbol, timeframe and first time, so two ledgers that were fed
    the same bars in the same order have the same trial keys.
    """
    first, last = int(bars.ts[0]), int(bars.ts[-1])
    found = transaction.rows(
        "lineage.overlapping",
        symbol=bars.symbol,
        timeframe=bars.timeframe,
        first_ts=first,
        last_ts=last,
    )
    if not found:
        root = root_name(bars.symbol, bars.timeframe, first)
        transaction.execute(
            "lineage.insert",
            root=root,
            symbol=bars.symbol,
            timeframe=bars.timeframe,
            first_ts=first,
            last_ts=last,
            now=now_us(),
        )
        return root
    oldest: str = found[0]["root"]
    for other in found[1:]:
        transaction.execute("lineage.merge", older=oldest, younger=other["root"])
    span = (
        min(first, *(row["first_ts"] for row in found)),
        max(last, *(row["last_ts"] for row in found)),
    )
    if span != (found[0]["first_ts"], found[0]["last_ts"]):
        transaction.execute("lineage.extend", root=oldest, first_ts=span[0], last_ts=span[1])
    return oldest


def root_name(symbol: str, timeframe: str, first_ts: int) -> str:
    """Return the name of the root that bars with this first time would start.

    Examples
    --------
    >>> root_name("SPY", "1d", 0) != root_name("SPY", "1h", 0)
    True
    """
    text = f"{len(symbol)}:{symbol}/{timeframe}/{first_ts}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
