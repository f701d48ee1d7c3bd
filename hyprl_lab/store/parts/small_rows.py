"""Single backtests, a row each in the control database, move into parts of table `backtests`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import WarehouseError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store.parts.adding import add_part
from hyprl_lab.store.parts.merging import Held
from hyprl_lab.store.parts.part_store import ROW_GROUP, writing
from hyprl_lab.store.parts.pieces import Piece, told
from hyprl_lab.store.schemas import BACKTEST_STUDY, backtests_schema
from hyprl_lab.store.trials.digests import table_digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from hyprl_lab.store.control.database import Control, Transaction
    from hyprl_lab.store.parts.folder import HashedStream
    from hyprl_lab.store.parts.leases import Lease
    from hyprl_lab.store.parts.part_store import LivePart, PartStore, WrittenPart

__all__ = ["backtests_table", "move"]

_LARGEST: Final = 2**63 - 1

MOST: Final = 20_000
"""Rows that move in one transaction, and are in memory at once: some 100 MB as Python objects."""


def move(
    control: Control, parts: PartStore, lease: Lease, *, stop: int | None = None
) -> list[LivePart]:
    """Move every row that waits, or those before an index; return the parts that hold them.

    A row's id and its looks stay in `small_trials`, for its exact repeats.
    """
    moved: list[LivePart] = []
    while True:
        with control.read() as transaction:
            rows = transaction.rows(
                "small_trials.waiting_some", most=MOST, stop=_LARGEST if stop is None else stop
            )
        if not rows:
            return moved
        moved.append(_move(control, parts, lease, rows))
        lease.beat()


def _move(
    control: Control, parts: PartStore, lease: Lease, rows: Sequence[dict[str, Any]]
) -> LivePart:
    import pyarrow.parquet as pq

    table = backtests_table(rows)
    piece = Piece(BACKTEST_STUDY, rows[0]["trial_index"], len(rows))

    def write(stream: HashedStream) -> list[Held]:
        schema = table.schema.with_metadata(told([piece]))
        pq.write_table(table.cast(schema), stream, row_group_size=ROW_GROUP, **writing(schema))
        return [Held(piece, piece.shard, table_digest(table))]

    def commit(transaction: Transaction, written: WrittenPart, _: Sequence[Held]) -> None:
        parts.commit(transaction, written)
        # rows only ever come with larger indices, so these are the ones that were read
        changed = transaction.execute(
            "small_trials.move", part_id=written.id, last_index=rows[-1]["trial_index"]
        )
        if changed != len(rows):
            raise WarehouseError(
                f"{changed} single backtests wait up to index {rows[-1]['trial_index']}; "
                f"{len(rows)} were read: nothing was moved, start again"
            )

    return add_part(
        control, parts, lease, table_name="backtests", rows=len(rows), write=write, commit=commit
    )


def backtests_table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Return rows of `small_trials` as rows of table `backtests`."""
    import pyarrow as pa

    schema = backtests_schema()
    metrics = [json.loads(row["metrics"]) for row in rows]
    columns: dict[str, list[Any]] = {
        name: [row[name] for row in rows]
        for name in ("id", "trial_index", "lineage_root", "strategy_hash", "state", "created_at")
    }
    columns["trial_key"] = [bytes.fromhex(row["trial_key"]) for row in rows]
    columns["behaviour_hash"] = [int(row["behaviour_hash"]) for row in rows]
    for name in ("first_ts", "last_ts", "fingerprint", "purpose"):
        columns[name] = [row[name] for row in rows]
    for name in ("param_names", "param_values"):
        columns[name] = [json.loads(row[name]) for row in rows]
    columns |= {name: [found[name] for found in metrics] for name in TRIAL_METRICS}
    return pa.table([pa.array(columns[field.name], field.type) for field in schema], schema=schema)
