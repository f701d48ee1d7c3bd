"""A running digest over single backtests, so that none goes, or is told otherwise, unseen.

Each new row is hashed into it in the transaction that records it, in the order of `trial_index`:

    digest = SHA-256(digest before ‖ trial_index, 8 bytes, big-endian ‖ content of the row)

The content is the SHA-256 of the RFC 8785 JSON of `id`, `trial_key`, `lineage_root`,
`strategy_hash`, `state`, `param_names`, `param_values`, `metrics` and `behaviour_hash`; the numbers
of the two lists as the hexadecimal digits of little-endian doubles, NaN for what is undefined, the
metrics in the order of `TRIAL_METRICS`. Of a row that has a purpose it holds `first_ts`, `last_ts`,
`fingerprint` and `purpose` too; rows that are older have none. Looks and the times at which they
were made are not in it. The first row follows what the first link of the chain follows.

The row `single_trials_digest` of `meta` holds the digest, how many rows it covers and the first
index. The signed checkpoint repeats digest and count. In a home that is older than this, the first
index is that of the first row recorded since: rows before it are counted, and not proved.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import IntegrityError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.metrics import TRIAL_METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from hyprl_lab.store.control.database import Transaction

__all__ = [
    "KEY",
    "Singles",
    "begin_anew",
    "content_of",
    "contradiction",
    "extend",
    "follow",
    "next_index",
    "pages",
    "prove",
    "put",
    "read",
]

KEY: Final = "single_trials_digest"
_NEXT: Final = "small_trials_next"
_PAGE: Final = 5_000
_NAN: Final = float("nan")
_PLAIN: Final = (*("id", "trial_key", "lineage_root", "strategy_hash", "state", "behaviour_hash"),)
_SEEN: Final = ("first_ts", "last_ts", "fingerprint", "purpose")
_HEX: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Singles:
    """How far the digest has come.

    Parameters
    ----------
    first_index
        Rows from this `trial_index` on are covered.
    rows
        How many are.
    digest
        Over them, 64 hexadecimal digits.
    """

    first_index: int
    rows: int
    digest: str


def content_of(row: Mapping[str, Any]) -> bytes:
    """Return the 32 bytes that stand for a row's content.

    Parameters
    ----------
    row
        Of `small_trials`, `param_names`, `param_values` and `metrics` as JSON texts or parsed.

    Raises
    ------
    IntegrityError
        The row holds something that no recording writes.

    Examples
    --------
    >>> row = {"id": "a", "trial_key": "b", "lineage_root": "c", "strategy_hash": "d",
    ...     "state": "completed", "behaviour_hash": "1", "param_names": ["n"],
    ...     "param_values": [5.0], "metrics": dict.fromkeys(TRIAL_METRICS, 0.5)}
    >>> content_of(row) == content_of(row | {"param_names": '["n"]', "param_values": "[5]"})
    True
    """
    try:
        names, values, metrics = (
            json.loads(value) if isinstance(value, str) else value
            for value in (row["param_names"], row["param_values"], row["metrics"])
        )
        body = {name: str(row[name]) for name in _PLAIN} | {
            "param_names": names,
            "param_values": _packed(values),
            "metrics": _packed([metrics[name] for name in TRIAL_METRICS]),
        }
        if row.get("purpose") is not None:
            body |= {name: None if row[name] is None else str(row[name]) for name in _SEEN}
    except (KeyError, TypeError, ValueError, OverflowError, struct.error, RecursionError) as error:
        raise IntegrityError(
            f"single backtest {row.get('trial_index')} is damaged ({error!r}); expected what was "
            "recorded: bring the control database back from a backup"
        ) from error
    return hashlib.sha256(canonical_json(body)).digest()


def follow(previous: bytes, trial_index: int, content: bytes) -> bytes:
    """Return the digest after one more row.

    Examples
    --------
    >>> follow(bytes(32), 0, bytes(32)).hex()[:8]
    '834a709b'
    """
    return hashlib.sha256(previous + trial_index.to_bytes(8, "big") + content).digest()


def read(transaction: Transaction, genesis: str) -> Singles | None:
    """Return how far the digest has come, `None` where no row was ever hashed into it.

    Raises
    ------
    IntegrityError
        What `meta` holds is no such thing.
    """
    found = transaction.row("meta.get", key=KEY)
    if found is None:
        return None
    try:
        body = json.loads(found["value"])
        singles = Singles(body["first_index"], body["rows"], body["digest"])
        known = (
            type(singles.first_index) is type(singles.rows) is int
            and min(singles.first_index, singles.rows) >= 0
            and max(singles.first_index, singles.rows) < 2**53
            and len(singles.digest) == len(genesis)
            and _HEX.issuperset(singles.digest)
        )
    except (KeyError, TypeError, ValueError, RecursionError):
        known = False
    if not known:
        raise IntegrityError(
            f"row {KEY} of table meta is damaged: {found['value']!r:.200}; expected first_index, "
            "rows and digest: bring the control database back from a backup"
        )
    return singles


def put(transaction: Transaction, singles: Singles) -> None:
    """Note in `meta` how far the digest has come."""
    body = {
        "first_index": singles.first_index,
        "rows": singles.rows,
        "digest": singles.digest,
    }
    transaction.execute("meta.put", key=KEY, value=canonical_json(body).decode())


def next_index(transaction: Transaction) -> int:
    """Return the `trial_index` of the next single backtest."""
    found = transaction.row("meta.get", key=_NEXT)
    return int(found["value"]) if found else 0


def begin_anew(transaction: Transaction, genesis: str) -> None:
    """Let the digest cover nothing yet, and go on with the next row."""
    last = transaction.row("small_trials.last_but", others=0)
    first = max(next_index(transaction), last["trial_index"] + 1 if last else 0)
    transaction.execute("meta.put", key=_NEXT, value=str(first))
    put(transaction, Singles(first, 0, genesis))


def extend(
    transaction: Transaction, first: int, contents: Sequence[bytes], ids: Sequence[str]
) -> None:
    """Hash in the rows that a transaction has just recorded; repeats have made none.

    Parameters
    ----------
    transaction
        The one that recorded them.
    first
        The `trial_index` that was meant for the first.
    contents, ids
        Of what was recorded, repeats too.
    """
    from hyprl_lab.store.runs.chain import genesis_of  # it imports this module

    ledger = transaction.row("meta.get", key="ledger_id") or {"value": ""}
    genesis = genesis_of(str(ledger["value"]))
    before = read(transaction, genesis) or Singles(first, 0, genesis)
    new = transaction.rows("small_trials.new", first=first, stop=first + len(ids))
    digest = bytes.fromhex(before.digest)
    for row in new:
        place = row["trial_index"] - first
        if row["id"] != ids[place]:
            raise IntegrityError(
                f"single backtest {row['trial_index']} is {row['id']!r}; {ids[place]!r} was just "
                "recorded there: nothing was recorded, look for a trigger in the database"
            )
        digest = follow(digest, row["trial_index"], contents[place])
    put(transaction, Singles(before.first_index, before.rows + len(new), digest.hex()))


def pages(transaction: Transaction, first: int) -> Iterator[list[dict[str, Any]]]:
    """Return rows of `small_trials` from an index on, in their order, some thousand at a time."""
    while rows := transaction.rows("small_trials.page", first=first, most=_PAGE):
        yield rows
        first = rows[-1]["trial_index"] + 1


def contradiction(rows: int, digest: str, found: Singles | None) -> str | None:
    """Return in what a ledger's single backtests are not those that were signed.

    Parameters
    ----------
    rows, digest
        As the checkpoint says.
    found
        What the ledger says.

    Examples
    --------
    >>> contradiction(2, "ab", Singles(0, 1, "cd"))
    'the checkpoint covers 2 single backtests; the ledger says it has 1'
    """
    has = found.rows if found else 0
    if has < rows:
        return f"the checkpoint covers {rows} single backtests; the ledger says it has {has}"
    if rows and found and found.rows == rows and found.digest != digest:
        return f"{rows} single backtests have digest {found.digest}; {digest} was signed"
    return None


def prove(transaction: Transaction, genesis: str, signed: tuple[int, str], now: Singles) -> None:
    """Check that what is to be signed goes on from what was: only rows since then are read.

    Parameters
    ----------
    transaction
        In which `now` was read.
    genesis
        What the first row follows.
    signed
        How many rows the checkpoint covers, and their digest.
    now
        What is to be signed.

    Raises
    ------
    IntegrityError
        It does not.
    """
    since = now.rows - signed[0]
    digest = bytes.fromhex(signed[1] if signed[0] else genesis)
    start = transaction.row("small_trials.last_but", others=since - 1) if since else None
    found = 0
    if start is not None:
        for rows in pages(transaction, max(start["trial_index"], now.first_index)):
            digest = _through(digest, rows)
            found += len(rows)
    if (found, digest.hex()) != (since, now.digest):
        raise IntegrityError(
            f"the {since} single backtests since the last checkpoint are not those that were "
            f"recorded: {found} have digest {digest.hex()}; expected {now.digest}"
        )


def _through(digest: bytes, rows: Iterable[Mapping[str, Any]]) -> bytes:
    for row in rows:
        if row["part_id"] is not None:
            raise IntegrityError(
                f"single backtest {row['trial_index']} is in a part and was never signed; a "
                "compaction moves only those that are"
            )
        digest = follow(digest, row["trial_index"], content_of(row))
    return digest


def _packed(numbers: Sequence[float | None]) -> str:
    """Return doubles in hex; every NaN is the same one."""
    plain = [_NAN if value is None or math.isnan(value) else value for value in numbers]
    return struct.pack(f"<{len(plain)}d", *plain).hex()
