"""Which bars are the same market and time, whatever was appended, cut, added or renamed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from hyprl_lab.store.control.writer import now_us
from hyprl_lab.store.trials.bar_marks import BarMarks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.data import Bars
    from hyprl_lab.store.control.database import Transaction

__all__ = ["resolve"]


def resolve(transaction: Transaction, bars: Bars) -> str:
    """Return the lineage root of bars, in a transaction that holds the write lock.

    Bars of one symbol and timeframe whose times overlap, ends included, share a root, and the
    root's span grows to hold them. So do bars of any symbol that hold the same prices at the same
    times (`BarMarks`): a market that was renamed is no other one. Bars that overlap nothing start
    a new root. Bars that bridge roots merge them into the oldest, and the others point at it for
    ever, so that counts span them all.

    A root's name is a hash of symbol, timeframe and first time, so two ledgers that were fed
    the same bars in the same order have the same trial keys.
    """
    first, last = int(bars.ts[0]), int(bars.ts[-1])
    span = {"symbol": bars.symbol, "timeframe": bars.timeframe, "first_ts": first, "last_ts": last}
    own = transaction.rows("lineage.overlapping", **span)
    marks = BarMarks.of(bars)
    known = marks.roots(transaction)
    seqs: dict[str, int] = {row["current_root"]: row["seq"] for row in own} | known
    if not seqs:
        root = root_name(bars.symbol, bars.timeframe, first)
        transaction.execute("lineage.insert", root=root, **span, now=now_us())
        marks.put(transaction, root)
        return root
    oldest, *younger = sorted(seqs, key=lambda root: seqs[root])
    for other in younger:
        transaction.execute("lineage.merge", older=oldest, younger=other)
    grows = _extend(transaction, span, own, oldest)
    if grows or not known:
        marks.put(transaction, oldest)
    return oldest


def _extend(
    transaction: Transaction, span: dict[str, Any], own: Sequence[dict[str, Any]], oldest: str
) -> bool:
    """Let the symbol's own row hold the bars' time; return whether it did not before."""
    if not own:
        root = root_name(span["symbol"], span["timeframe"], span["first_ts"])
        transaction.execute("lineage.insert_as", root=root, **span, older=oldest, now=now_us())
        return True
    held = next((row for row in own if row["root"] == oldest), own[0])
    wanted = (
        min(span["first_ts"], *(row["first_ts"] for row in own)),
        max(span["last_ts"], *(row["last_ts"] for row in own)),
    )
    if wanted == (held["first_ts"], held["last_ts"]):
        return False
    transaction.execute("lineage.extend", root=held["root"], first_ts=wanted[0], last_ts=wanted[1])
    return True


def root_name(symbol: str, timeframe: str, first_ts: int) -> str:
    """Return the name of the root that bars with this first time would start.

    Examples
    --------
    >>> root_name("SPY", "1d", 0) != root_name("SPY", "1h", 0)
    True
    """
    text = f"{len(symbol)}:{symbol}/{timeframe}/{first_ts}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
