"""Every single backtest is read again, and compared with the running digest and what was signed."""

from __future__ import annotations

import hashlib
from array import array
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import IntegrityError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store.parts import merging
from hyprl_lab.store.trials import single_digest
from hyprl_lab.store.trials.single_digest import Singles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from hyprl_lab.store.control.database import Transaction
    from hyprl_lab.store.parts.part_store import PartStore
    from hyprl_lab.store.parts.pins import Pins
    from hyprl_lab.store.runs.claims import Claims
    from hyprl_lab.store.runs.findings import Finding

__all__ = ["renew", "verify"]

_SUBJECT: Final = "single backtests"
_MEND: Final = "bring the database and the parts back from one backup"
_TIMES: Final = ("first_ts", "last_ts")
_KEPT: Final = (
    *("id", "trial_key", "lineage_root", "strategy_hash", "state", "behaviour_hash"),
    *(*_TIMES, "fingerprint", "purpose"),
)
"""Columns that stay in the control database when a row moves."""


@dataclass(slots=True)
class _Rows:
    """What the control database holds: 41 bytes a row, whatever it says.

    `contents` are of the whole row where it waits, and of `_KEPT` where it was moved.
    """

    indices: array[int] = field(default_factory=lambda: array("q"))
    moved: bytearray = field(default_factory=bytearray)
    contents: bytearray = field(default_factory=bytearray)

    def content(self, place: int) -> bytes:
        return bytes(self.contents[32 * place : 32 * place + 32])


def verify(claims: Claims, parts: PartStore, pins: Pins) -> tuple[Finding, ...]:
    """Return all that is wrong with single backtests; writers may go on meanwhile.

    A row that is missing, changed, moved to another place or under another lineage makes another
    digest. Of a home that is older than the digest, rows that were recorded before are not proved.

    Parameters
    ----------
    claims, parts, pins
        Of one warehouse.
    """
    from hyprl_lab.store.runs import checkpoint
    from hyprl_lab.store.runs.findings import Finding

    try:
        signed = checkpoint.read(claims.home)  # before the rows, which only become more
    except IntegrityError:
        signed = None  # a finding of `runs.verification`
    found = [Finding("database", name, wrong) for name, wrong in _objects(claims)]
    if any(finding.subject == "small_trials" for finding in found):
        return tuple(found)
    with pins.hold():
        with claims.control.read() as transaction:
            dropped = transaction.rows("small_trials.dropped_parts")
        found.extend(
            Finding("part", row["id"], f"it holds single backtests and was given up: {_MEND}")
            for row in dropped
        )
        rows = signed.single_trials if signed else 0
        digest = signed.single_trials_digest if signed else ""
        try:
            messages = list(_differences(claims, parts, rows, digest))
        except IntegrityError as error:
            messages = [str(error)]
    found.extend(Finding("single", _SUBJECT, message) for message in messages)
    return tuple(found)


def renew(claims: Claims, parts: PartStore, pins: Pins) -> None:
    """Let the running digest be that of the rows that are there; for a user who knows why.

    Where they can't be read, it begins anew with the next row. A digest that fits stays.
    """
    with pins.hold():
        with suppress(IntegrityError):  # what can't be read is covered no more
            if not list(_differences(claims, parts, 0, "")):
                return
        with claims.control.write() as transaction:
            first = _first(transaction, claims.genesis)
            try:
                digests = _digests(claims, parts, _read(transaction, first), first)
                (last,) = deque(digests, maxlen=1) or [Singles(first, 0, claims.genesis)]
            except IntegrityError:
                single_digest.begin_anew(transaction, claims.genesis)
            else:
                single_digest.put(transaction, last)


def _objects(claims: Claims) -> list[tuple[str, str]]:
    with claims.control.read() as transaction:
        return transaction.differences()


def _first(transaction: Transaction, genesis: str) -> int:
    try:
        known = single_digest.read(transaction, genesis)
    except IntegrityError:
        return 0
    return known.first_index if known else 0


def _differences(claims: Claims, parts: PartStore, signed: int, digest: str) -> Iterator[str]:
    with claims.control.read() as transaction:
        known = single_digest.read(transaction, claims.genesis)
        wrong = single_digest.contradiction(signed, digest, known)
        if wrong:
            yield f"{wrong}: {_MEND}"
        if known is None:
            return
        rows = _read(transaction, known.first_index)
    if len(rows.indices) != known.rows:
        yield f"there are {len(rows.indices)}; {known.rows} were recorded: {_MEND}"
    last = Singles(known.first_index, 0, claims.genesis)
    for last in _digests(claims, parts, rows, known.first_index):
        if last.rows == signed and last.digest != digest:
            yield f"the first {signed} have digest {last.digest}; {digest} was signed: {_MEND}"
    if last.rows == known.rows and last.digest != known.digest:
        yield f"{last.rows} have digest {last.digest}; {known.digest} was recorded: {_MEND}"


def _read(transaction: Transaction, first: int) -> _Rows:
    rows = _Rows()
    for page in single_digest.pages(transaction, first):
        for row in page:
            moved = row["part_id"] is not None
            rows.indices.append(row["trial_index"])
            rows.moved.append(moved)
            rows.contents += _kept(row) if moved else single_digest.content_of(row)
    return rows


def _digests(claims: Claims, parts: PartStore, rows: _Rows, first: int) -> Iterator[Singles]:
    """Return the digest after each row.

    Raises
    ------
    IntegrityError
        A row that was moved is in no part, or is another one there.
    """
    digest = bytes.fromhex(claims.genesis)
    moved = _moved(claims, parts) if any(rows.moved) else iter(())
    for place, index in enumerate(rows.indices):
        content = rows.content(place)
        if rows.moved[place]:
            there = next((row for row in moved if row["trial_index"] >= index), None)
            if there is None or there["trial_index"] != index:
                raise IntegrityError(f"single backtest {index} is in no live part: {_MEND}")
            if _kept(there) != content:
                raise IntegrityError(
                    f"single backtest {index} is another one in its part than in small_trials: "
                    f"{_MEND}"
                )
            content = single_digest.content_of(there)
        digest = single_digest.follow(digest, index, content)
        yield Singles(first, place + 1, digest.hex())


def _moved(claims: Claims, parts: PartStore) -> Iterator[dict[str, Any]]:
    """Return the rows of all parts of single backtests, in their order."""
    with claims.control.read() as transaction:
        live = parts.live(transaction, ("backtests",))
    parts.check(live)
    for reader, piece in merging.in_order(parts.folder, live):
        for table in reader.read(piece.rows):
            for row in _in_microseconds(table).to_pylist():
                row["trial_key"] = row["trial_key"].hex()
                row["metrics"] = {name: row[name] for name in TRIAL_METRICS}
                yield row


def _in_microseconds(table: pa.Table) -> pa.Table:
    """Return a table with its times as the control database has them."""
    import pyarrow as pa

    for name in _TIMES:
        times = table[name].cast(pa.int64())
        table = table.set_column(table.schema.get_field_index(name), name, times)
    return table


def _kept(row: Mapping[str, Any]) -> bytes:
    return hashlib.sha256(canonical_json([str(row[name]) for name in _KEPT])).digest()
