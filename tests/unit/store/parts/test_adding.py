from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.store.parts.adding import add_part
from hyprl_lab.store.parts.leases import Lease
from hyprl_lab.store.parts.merging import Held
from hyprl_lab.store.parts.pieces import Piece, told
from hyprl_lab.store.trials.digests import table_digest

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from hyprl_lab.store import Warehouse
    from hyprl_lab.store.parts import LivePart

PIECE = Piece("study", 0, 4)


def add(warehouse: Warehouse, lease: Lease, table: pa.Table, digest: str | None = None) -> LivePart:
    def write(stream: object) -> list[Held]:
        pq.write_table(table.replace_schema_metadata(told([PIECE])), stream)
        return [Held(PIECE, 0, digest or table_digest(table))]

    return add_part(
        warehouse.control,
        warehouse._parts,
        lease,
        table_name="trials",
        rows=4,
        write=write,
        commit=lambda transaction, written, _: warehouse._parts.commit(transaction, written),
    )


def test_a_part_is_read_back_before_it_is_live(
    warehouse: Warehouse, make_trials: Callable[..., pa.Table]
) -> None:
    table = make_trials("study", 0, 4)
    with Lease.take(warehouse.control, "maintenance") as lease:
        with pytest.raises(IntegrityError, match="holds other rows than were written"):
            add(warehouse, lease, table, digest="0" * 64)
        assert warehouse._parts.folder.names() == set()
        part = add(warehouse, lease, table)
    with warehouse.control.read() as transaction:
        assert warehouse._parts.live(transaction) == [part]


def test_a_lost_lease_adds_nothing(
    warehouse: Warehouse, make_trials: Callable[..., pa.Table]
) -> None:
    table = make_trials("study", 0, 4)
    with Lease.take(warehouse.control, "maintenance") as lease:
        stale = Lease(lease.control, lease.name, lease.fence - 1)
        with pytest.raises(WarehouseError, match="was taken over"):
            add(warehouse, stale, table)
    assert warehouse.status().live_parts == 0
    assert warehouse._parts.folder.names() == set()
