"""Sets of bars: a row that names a Parquet part of the bars' own columns.

A set's identity is that of `Bars`: fingerprint, symbol, timeframe and calendar. Its part is written
and read by row groups, so that memory stays bounded however long the bars are.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.data import Bars
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.errors import InputError, IntegrityError, NotFoundError
from hyprl_lab.store.bars.mending import is_missing, rewrite
from hyprl_lab.store.bars.part import read_part, write_part
from hyprl_lab.store.control.writer import now_us

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hyprl_lab.store.control.database import Control, Transaction
    from hyprl_lab.store.parts.part_store import PartStore
    from hyprl_lab.types import JsonValue

__all__ = ["FOR_A_RUN", "BarSet", "BarStore"]

FOR_A_RUN: Final[Mapping[str, JsonValue]] = MappingProxyType({"kept_for": "run"})
"""The source of bars that are kept because a run was made on them."""

_SHORTEST_PREFIX: Final = 4
_MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSet:
    """What the warehouse knows of one set of bars.

    Parameters
    ----------
    seq
        Its place among all sets, from 0, in the order of their first storing.
    fingerprint, ohlcv_fingerprint, symbol, timeframe, calendar, calendar_inferred
        As of `Bars`.
    rows
        How many bars.
    first_ts, last_ts
        When the first and the last bar open, microseconds since the epoch, UTC.
    column_names
        In the order of `Bars.columns`.
    lineage, source
        Where it came from when it was first stored.
    created_at
        When that was, microseconds since the epoch, UTC.
    for_runs
        Whether it is kept only because runs were made on it: nobody imported or stored it.
    """

    seq: int
    fingerprint: str
    ohlcv_fingerprint: str
    symbol: str
    timeframe: str
    calendar: str
    calendar_inferred: bool
    rows: int
    first_ts: int
    last_ts: int
    column_names: tuple[str, ...]
    lineage: Lineage
    source: Mapping[str, JsonValue]
    part_id: str
    created_at: int
    for_runs: bool = False

    def __str__(self) -> str:
        return f"{self.symbol} {self.timeframe} {self.calendar} {self.fingerprint[:12]}"


class BarStore:
    """The sets of bars of one warehouse."""

    def __init__(self, control: Control, parts: PartStore, scratch: Path) -> None:
        self._control = control
        self._parts = parts
        self._scratch = scratch

    def save(self, bars: Bars, source: Mapping[str, JsonValue] | None) -> str:
        """Store bars once; see `Warehouse.save_bars`."""
        origin = (_json(bars.lineage.to_json()), _json(dict(source or {})))
        with self._control.write() as transaction:
            known = self._known(transaction, bars, origin)
        if known:
            self._mend(bars)
            return bars.fingerprint
        self._parts.sweep()
        with self._control.write() as transaction:
            part_id = self._parts.reserve(transaction, table_name="bars", rows=len(bars))
        committed = False
        try:
            written = self._parts.write_streamed(
                part_id, lambda stream: write_part(bars, origin, stream)
            )
            with self._control.write() as transaction:
                if not self._known(transaction, bars, origin):
                    self._parts.commit(transaction, written)
                    self._insert(transaction, bars, part_id, origin)
                    committed = True
        finally:
            if not committed:  # another process was first, or something failed
                self._parts.discard([part_id])
        return bars.fingerprint

    def get(
        self, which: str, timeframe: str | None, symbol: str | None, calendar: str | None
    ) -> Bars:
        """Read bars back; see `Warehouse.get_bars`."""
        return self.read(self.find(which, timeframe, symbol, calendar))

    def find(
        self,
        which: str,
        timeframe: str | None = None,
        symbol: str | None = None,
        calendar: str | None = None,
    ) -> BarSet:
        """Return what `Warehouse.get_bars` would read."""
        with self._control.read() as transaction:
            rows = transaction.rows("bars.of_symbol", symbol=which)
            if not rows and len(which) >= _SHORTEST_PREFIX:
                rows = transaction.rows("bars.starting", start=which.lower())
            every = [] if rows else transaction.rows("bars.all")
        if not rows:
            raise NotFoundError(
                f"no bars are stored under {which[:80]!r}, as a symbol or as the first characters "
                f"(4 or more) of a fingerprint; there are {_named([_set(row) for row in every])}"
            )
        found = [
            item
            for item in map(_set, rows)
            if timeframe in (None, item.timeframe)
            and symbol in (None, item.symbol)
            and calendar in (None, item.calendar)
        ]
        if not found:
            asked = " ".join(word for word in (symbol, timeframe, calendar) if word is not None)
            raise NotFoundError(
                f"the bars stored under {which!r} are {_named(map(_set, rows))}; none are {asked}"
            )
        by_symbol = found[0].symbol == which
        if len({item.timeframe for item in found} if by_symbol else found) > 1:
            raise InputError(
                f"{which!r} stands for several sets of bars: {_named(found)}; name one by more of "
                "its fingerprint, or by its symbol, timeframe and calendar"
            )
        if by_symbol:  # what was stored for its own sake comes before a run's piece of it
            found = [item for item in found if not item.for_runs] or found
        return found[-1]

    def read(self, found: BarSet) -> Bars:
        """Return the bars of a set, checked against the hash of its file and its fingerprint.

        Raises
        ------
        IntegrityError
            The part is missing or changed, its content has another fingerprint, or the row of the
            set says other things than the part does.
        """
        place = self._parts.address(found.part_id)
        with self._control.read() as transaction:
            part = transaction.row("bars.part", part_id=found.part_id)
        if part is None:
            raise IntegrityError(f"the part of bars {found} is not live; bring it back: {place}")
        self._parts.check_one(found.part_id, part["bytes"], part["sha256"])
        with self._parts.open(found.part_id) as file:
            columns = read_part(file, place, found, self._scratch)
        ts = columns.pop("_ts")
        bars = Bars._restored(  # noqa: SLF001 - these columns were checked when they were bars
            found.symbol,
            found.timeframe,
            found.calendar,
            ts,
            columns,
            found.calendar_inferred,
            found.lineage,
        )
        if bars.fingerprint != found.fingerprint:
            raise IntegrityError(
                f"{place} holds bars with fingerprint {bars.fingerprint}; expected "
                f"{found.fingerprint} of {found.symbol} {found.timeframe}: import them again into "
                "another home, or bring the part and the control database back from one backup"
            )
        return bars

    def all(self) -> list[BarSet]:
        """Return all sets in the order of their first storing."""
        with self._control.read() as transaction:
            return [_set(row) for row in transaction.rows("bars.all")]

    def sources(self, found: BarSet) -> list[tuple[Lineage, dict[str, JsonValue]]]:
        """Return every way in which a set was stored, the first one first."""
        with self._control.read() as transaction:
            rows = transaction.rows("bars.sources", set_seq=found.seq)
        further = [(_lineage(row), json.loads(row["source"])) for row in rows]
        return [(found.lineage, dict(found.source)), *further]

    def _known(self, transaction: Transaction, bars: Bars, origin: tuple[str, str]) -> bool:
        """Whether a set is there; if so, where it came from this time is kept beside it."""
        row = transaction.row(
            "bars.get",
            fingerprint=bars.fingerprint,
            symbol=bars.symbol,
            timeframe=bars.timeframe,
            calendar=bars.calendar,
        )
        if row is None:
            return False
        lineage, source = origin
        says_nothing_new = source == _KEPT or (
            source == "{}" and lineage in ("[]", row["lineage"]) and row["source"] != _KEPT
        )
        if (row["lineage"], row["source"]) != origin and not says_nothing_new:
            transaction.execute(
                "bars.add_source",
                set_seq=row["seq"],
                digest=hashlib.sha256(f"{lineage}\n{source}".encode()).hexdigest(),
                lineage=lineage,
                source=source,
                now=now_us(),
            )
        return True

    def _mend(self, bars: Bars) -> None:
        """Write the part of stored bars again where its file is missing."""
        identity = (bars.fingerprint, bars.symbol, bars.timeframe, bars.calendar)
        names = ("fingerprint", "symbol", "timeframe", "calendar")
        with self._control.read() as transaction:
            row = transaction.row("bars.get", **dict(zip(names, identity, strict=True)))
            part = None if row is None else transaction.row("bars.part", part_id=row["part_id"])
        if row is None or part is None or not is_missing(self._parts, row["part_id"]):
            return
        first = Bars._restored(  # noqa: SLF001 - the same bars, told as they were at first
            *(bars.symbol, bars.timeframe, bars.calendar, bars.ts, dict(bars.columns)),
            bool(row["calendar_inferred"]),
            _lineage(row),
        )
        origin = (row["lineage"], row["source"])
        rewrite(
            self._parts,
            row["part_id"],
            (part["bytes"], part["sha256"]),
            lambda stream: write_part(first, origin, stream),
        )

    @staticmethod
    def _insert(
        transaction: Transaction, bars: Bars, part_id: str, origin: tuple[str, str]
    ) -> None:
        transaction.execute(
            "bars.insert",
            fingerprint=bars.fingerprint,
            ohlcv_fingerprint=bars.ohlcv_fingerprint,
            symbol=bars.symbol,
            timeframe=bars.timeframe,
            calendar=bars.calendar,
            calendar_inferred=int(bars.calendar_inferred),
            rows=len(bars),
            first_ts=int(bars.ts[0]),
            last_ts=int(bars.ts[-1]),
            column_names=json.dumps(list(bars.columns)),
            lineage=origin[0],
            source=origin[1],
            part_id=part_id,
            now=now_us(),
        )


def _set(row: Mapping[str, Any]) -> BarSet:
    plain = BarSet.__dataclass_fields__.keys() - {"column_names", "lineage", "source", "for_runs"}
    try:
        return BarSet(
            **{name: row[name] for name in plain if name != "calendar_inferred"},
            calendar_inferred=bool(row["calendar_inferred"]),
            column_names=tuple(json.loads(row["column_names"])),
            lineage=_lineage(row),
            source=dict(json.loads(row["source"])),
            for_runs=row["source"] == _KEPT and row["sources"] == 1,
        )
    except (ValueError, TypeError) as error:  # no JSON, or JSON of another shape
        raise IntegrityError(
            f"the row of bars {row['symbol']} {row['timeframe']} {str(row['fingerprint'])[:12]} "
            f"is damaged ({error}): bring the control database back from a backup"
        ) from error


def _lineage(row: Mapping[str, Any]) -> Lineage:
    return Lineage.from_json(json.loads(row["lineage"]))


def _json(value: JsonValue) -> str:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        return text.encode("utf-8", "replace").decode()  # a file's name may be no text
    except (TypeError, ValueError) as error:
        raise InputError(f"bars: found a lineage or source that is no JSON ({error})") from error


_KEPT: Final = _json(dict(FOR_A_RUN))


def _named(sets: Any) -> str:
    """Return sets in a few words each, the newest first."""
    words = [str(item) for item in reversed(list(sets))]
    more = len(words) - _MOST_NAMED
    return ", ".join(words[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "") or "none"
