"""Studies and their shards: a shard is entered before its results can be seen.

The protocol of a search:

1. `open_study`, which says which shards are live already; those are skipped.
2. For each other shard `reserve`, then evaluate it, then `commit`. What was reserved counts as
   evaluated from then on, whether its results arrive or not.
3. `complete`.

A shard's trials and blocks go live in one transaction. The key (study, shard) makes every step
safe to repeat: after a crash the same calls are made again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from hyprl_lab.errors import InputError, NotFoundError, WarehouseError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store.control.writer import now_us, this_writer
from hyprl_lab.store.parts.part_store import is_abandoned, part_writer
from hyprl_lab.store.schemas import trial_blocks_schema, trials_schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from hyprl_lab.data import Bars
    from hyprl_lab.store.control.database import Control, Transaction
    from hyprl_lab.store.parts.part_store import PartStore
    from hyprl_lab.strategy import Strategy
    from hyprl_lab.types import JsonValue

__all__ = ["Ledger", "Reservation", "ShardHeldError", "ShardLiveError", "StudyState"]


class ShardLiveError(WarehouseError):
    """The shard is committed already: skip it."""


class ShardHeldError(WarehouseError):
    """A living writer has the shard reserved: leave it to them, or wait."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Reservation:
    """The right to commit one shard, as long as this object lives in the process that got it.

    Parameters
    ----------
    study_id, shard
        What is reserved.
    rows
        Trials the shard will have.
    trials_part, blocks_part
        Ids of the pending parts; `blocks_part` is `None` where no blocks were announced.
    """

    study_id: str
    shard: int
    rows: int
    trials_part: str
    blocks_part: str | None

    @property
    def part_ids(self) -> list[str]:
        """The ids of the pending parts."""
        return [part for part in (self.trials_part, self.blocks_part) if part is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyState:
    """What the ledger knows of a study.

    Parameters
    ----------
    state
        `running` or `completed`.
    total
        Trials the study has when it is complete.
    param_names
        What `trials.param_values` stand for, in order.
    spec, strategy
        As given to `open_study`; the strategy as JSON.
    summary
        As given to `complete_study`, `None` before.
    live, intended
        Rows by shard: committed, and announced but not committed.
    """

    study_id: str
    kind: str
    state: str
    total: int
    symbol: str
    timeframe: str
    fingerprint: str
    lineage_root: str
    strategy_hash: str
    strategy_name: str
    strategy: dict[str, JsonValue]
    param_names: tuple[str, ...]
    spec: dict[str, JsonValue]
    summary: dict[str, JsonValue] | None
    live: dict[int, int]
    intended: dict[int, int]

    @property
    def committed(self) -> int:
        """Trials committed so far."""
        return sum(self.live.values())


class Ledger:
    """Studies and shards of one warehouse."""

    def __init__(self, control: Control, parts: PartStore) -> None:
        self._control = control
        self._parts = parts

    def open_study(
        self,
        study_id: str,
        *,
        spec: Mapping[str, JsonValue],
        bars: Bars,
        lineage_root: str,
        strategy: Strategy,
        total: int,
        param_names: Sequence[str] | None = None,
    ) -> StudyState:
        """Enter a study, or find it again; see `Warehouse.open_study`."""
        text = canonical_json(dict(spec)).decode()
        names = tuple(strategy.parameters if param_names is None else param_names)
        with self._control.write() as transaction:
            transaction.execute(
                "studies.insert",
                study_id=study_id,
                kind=str(spec.get("kind", "search")),
                symbol=bars.symbol,
                timeframe=bars.timeframe,
                fingerprint=bars.fingerprint,
                lineage_root=lineage_root,
                strategy_hash=strategy.hash,
                strategy_name=strategy.name,
                strategy=canonical_json(strategy.to_json()).decode(),
                param_names=json.dumps(names),
                spec=text,
                total=total,
                now=now_us(),
            )
            row = transaction.row("studies.get", study_id=study_id) or {}
            state = _state(transaction, row)
        given = {
            "spec": text,
            "total": total,
            "fingerprint": bars.fingerprint,
            "strategy_hash": strategy.hash,
            "param_names": json.dumps(names),
        }
        differing = [name for name, value in given.items() if row[name] != value]
        if differing:
            raise InputError(
                f"study {study_id} is in the ledger with another {' and '.join(differing)}; "
                "a study's id must be a hash of everything that decides its trials"
            )
        return state

    def study(self, study_id: str) -> StudyState:
        """Return a study; see `Warehouse.study`."""
        with self._control.read() as transaction:
            row = transaction.row("studies.get", study_id=study_id)
            if row is None:
                raise NotFoundError(f"no study {study_id!r} in {self._control.path}")
            return _state(transaction, row)

    def reserve(self, study_id: str, shard: int, rows: int, *, blocks: bool) -> Reservation:
        """Announce a shard before it is evaluated; see `Warehouse.reserve_shard`."""
        where = {"study_id": study_id, "shard": shard}
        abandoned: list[str] = []
        with self._control.write() as transaction:
            if transaction.row("studies.get", study_id=study_id) is None:
                raise NotFoundError(f"no study {study_id!r}; open_study comes first")
            known = transaction.row("studies.shard", **where)
            if known and known["state"] == "live":
                raise ShardLiveError(f"shard {shard} of study {study_id} is live; skip it")
            for row in transaction.rows("parts.pending_of_shard", **where):
                if not _given_up(row):
                    raise ShardHeldError(
                        f"shard {shard} of study {study_id} is reserved by process {row['pid']} "
                        f"on {row['machine']}, which still runs; take another shard, or wait"
                    )
                abandoned.append(row["id"])
                transaction.execute("parts.kill", id=row["id"], now=now_us())
            transaction.execute("studies.intend", **where, rows=rows, now=now_us())
            tables = ("trials", "trial_blocks") if blocks else ("trials",)
            ids = [
                self._parts.reserve(
                    transaction, table_name=table, study_id=study_id, shard=shard, rows=rows
                )
                for table in tables
            ]
        self._parts.unlink(abandoned)
        reservation = Reservation(study_id, shard, rows, ids[0], ids[1] if blocks else None)
        for part_id in ids:
            _held[part_id] = reservation
        return reservation

    def commit(self, reservation: Reservation, trials: pa.Table, blocks: pa.Table | None) -> None:
        """Make a reserved shard's rows visible, all at once; see `Warehouse.commit_shard`."""
        tables = {reservation.trials_part: trials}
        _check(trials, trials_schema(), "trials", reservation)
        if (blocks is None) != (reservation.blocks_part is None):
            raise InputError(
                f"shard {reservation.shard} was reserved with blocks="
                f"{reservation.blocks_part is not None}; blocks are {blocks is not None}"
            )
        if blocks is not None and reservation.blocks_part is not None:
            _check(blocks, trial_blocks_schema(), "blocks", reservation)
            tables[reservation.blocks_part] = blocks
        try:
            written = self._parts.write(tables)
            with self._control.write() as transaction:
                for part in written:
                    self._parts.commit(transaction, part)
                changed = transaction.execute(
                    "studies.commit_shard",
                    study_id=reservation.study_id,
                    shard=reservation.shard,
                    rows=reservation.rows,
                    now=now_us(),
                )
                if changed != 1:
                    raise ShardLiveError(
                        f"shard {reservation.shard} of study {reservation.study_id} is live"
                    )
        except WarehouseError:
            self._parts.unlink_unless_wanted(reservation.part_ids)
            raise

    def abandon(self, reservation: Reservation) -> None:
        """Give a reservation back; see `Warehouse.abandon_shard`."""
        self._parts.discard(reservation.part_ids)

    def complete(self, study_id: str, summary: Mapping[str, JsonValue]) -> None:
        """Close a study; see `Warehouse.complete_study`."""
        text = canonical_json(dict(summary)).decode()
        with self._control.write() as transaction:
            row = transaction.row("studies.get", study_id=study_id)
            if row is None:
                raise NotFoundError(f"no study {study_id!r}; open_study comes first")
            state = _state(transaction, row)
            if state.committed != state.total:
                raise WarehouseError(
                    f"study {study_id} has {state.committed} of {state.total} trials committed; "
                    "commit the missing shards before completing it"
                )
            transaction.execute("studies.complete", study_id=study_id, summary=text, now=now_us())


_held: WeakValueDictionary[str, Reservation] = WeakValueDictionary()


_PLAIN: Final = (
    *("study_id", "kind", "state", "total", "symbol", "timeframe", "fingerprint"),
    *("lineage_root", "strategy_hash", "strategy_name"),
)


def _given_up(row: dict[str, Any]) -> bool:
    """Whether a pending part's writer is gone, or is this process and dropped its reservation."""
    if is_abandoned(row):
        return True
    return part_writer(row) == this_writer() and row["id"] not in _held


def _check(table: pa.Table, schema: pa.Schema, what: str, reservation: Reservation) -> None:
    if table.schema != schema:
        raise InputError(f"{what} have schema {table.schema}; expected {schema}")
    if len(table) != reservation.rows:
        raise InputError(f"{what} have {len(table)} rows; {reservation.rows} were reserved")
    found = table["study_id"].unique().to_pylist()
    if found != [reservation.study_id]:
        raise InputError(f"{what} are of studies {found}; expected {reservation.study_id!r} alone")


def _state(transaction: Transaction, row: dict[str, Any]) -> StudyState:
    shards = transaction.rows("studies.shards", study_id=row["study_id"])
    return StudyState(
        **{name: row[name] for name in _PLAIN},
        strategy=json.loads(row["strategy"]),
        param_names=tuple(json.loads(row["param_names"])),
        spec=json.loads(row["spec"]),
        summary=None if row["summary"] is None else json.loads(row["summary"]),
        live={s["shard"]: s["rows"] for s in shards if s["state"] == "live"},
        intended={s["shard"]: s["rows"] for s in shards if s["state"] == "intended"},
    )
