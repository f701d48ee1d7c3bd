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

from hyprl_lab.environment import code_version, environment, environment_hash
from hyprl_lab.errors import InputError, NotFoundError, WarehouseError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store.control.writer import now_us
from hyprl_lab.store.trials import proof, single_proof
from hyprl_lab.store.trials.claim import claim_of, digest_of
from hyprl_lab.store.trials.reservations import (
    Reservation,
    Reservations,
    ShardHeldError,
    ShardHeldHereError,
    ShardLiveError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from hyprl_lab.data import Bars
    from hyprl_lab.store.control.database import Control, Transaction
    from hyprl_lab.store.parts.part_store import PartStore
    from hyprl_lab.store.parts.pins import Pins
    from hyprl_lab.store.runs.claims import Claims
    from hyprl_lab.store.runs.findings import Finding
    from hyprl_lab.strategy import Strategy
    from hyprl_lab.types import JsonValue

__all__ = [
    "Ledger",
    "Reservation",
    "ShardHeldError",
    "ShardHeldHereError",
    "ShardLiveError",
    "StudyState",
]


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

    def __init__(self, control: Control, parts: PartStore, pins: Pins, claims: Claims) -> None:
        self._control = control
        self._parts = parts
        self._pins = pins
        self._claims = claims
        self._reservations = Reservations(control, parts)

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
        with self._control.read() as transaction:
            is_new = transaction.row("studies.get", study_id=study_id) is None
        code = code_version() if is_new else None
        packages = environment_hash() if is_new else None
        with self._control.write() as transaction:
            if packages is not None:
                body = canonical_json(environment()).decode()
                transaction.execute("runs.keep_environment", hash=packages, body=body, now=now_us())
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
                first_ts=int(bars.ts[0]) if len(bars.ts) else None,
                last_ts=int(bars.ts[-1]) if len(bars.ts) else None,
                code_version=code,
                environment_hash=packages,
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
                raise NotFoundError(f"no study {study_id!r} in {self._control.name}")
            return _state(transaction, row)

    def reserve(self, study_id: str, shard: int, rows: int, *, blocks: bool) -> Reservation:
        """Announce a shard before it is evaluated; see `Warehouse.reserve_shard`."""
        return self._reservations.reserve(study_id, shard, rows, blocks=blocks)

    def commit(self, reservation: Reservation, trials: pa.Table, blocks: pa.Table | None) -> None:
        """Make a reserved shard's rows visible, all at once; see `Warehouse.commit_shard`."""
        self._reservations.commit(reservation, trials, blocks)

    def abandon(self, reservation: Reservation) -> None:
        """Give a reservation back; see `Warehouse.abandon_shard`."""
        self._reservations.abandon(reservation)

    def complete(self, study_id: str, summary: Mapping[str, JsonValue]) -> None:
        """Close a study; see `Warehouse.complete_study`."""
        text = canonical_json(dict(summary)).decode()
        proof.fill(self._control, self._parts, self._pins, study_id)
        with self._control.write() as transaction:
            row = transaction.row("studies.get", study_id=study_id)
            if row is None:
                raise NotFoundError(f"no study {study_id!r}; open_study comes first")
            if row["state"] == "completed":
                return
            shards = transaction.rows("studies.shards", study_id=study_id)
            live = [shard for shard in shards if shard["state"] == "live"]
            committed = sum(shard["rows"] for shard in live)
            if committed != row["total"]:
                raise WarehouseError(
                    f"study {study_id} has {committed} of {row['total']} trials committed; "
                    "commit the missing shards before completing it"
                )
            done = {
                "summary": text,
                "digest": digest_of(study_id, live),
                "completed_at": now_us(),
            }
            transaction.execute("studies.complete", study_id=study_id, **done)
            self._claims.append(transaction, "study", study_id, claim_of(row | done))
        self._claims.sign()

    def verify(self, study_id: str | None = None) -> tuple[Finding, ...]:
        """Read every trial again, and return all that is not as it was committed.

        Parameters
        ----------
        study_id
            Only this study; all, and single backtests, where `None`.
        """
        found = proof.verify(self._control, self._parts, self._pins, study_id)
        if study_id is not None:
            return found
        return (*found, *single_proof.verify(self._claims, self._parts, self._pins))

    def renew_singles(self) -> None:
        """Take the single backtests that are there for right, whatever was recorded."""
        single_proof.renew(self._claims, self._parts, self._pins)


_PLAIN: Final = (
    *("study_id", "kind", "state", "total", "symbol", "timeframe", "fingerprint"),
    *("lineage_root", "strategy_hash", "strategy_name"),
)


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
