"""A study's rows straight from its parts are those that DuckDB finds, merged parts or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hyprl_lab.errors import IntegrityError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import trials_table
from hyprl_lab.store.parts import verified
from hyprl_lab.store.parts.compaction import compact
from hyprl_lab.store.parts.study_rows import (
    Wanted,
    few_study_rows,
    largest_study_rows,
    study_rows,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.data import Bars
    from hyprl_lab.store import Warehouse
    from hyprl_lab.store.parts import LivePart
    from hyprl_lab.strategy import Strategy

NAMES = ["trial_index", "state", "sharpe", "calmar"]
SHARDS, ROWS = 12, 25


@pytest.fixture
def ratios() -> np.ndarray:
    """Sharpe ratios of 300 trials: many are equal, some undefined, and so is a whole shard."""
    found = np.random.default_rng(5).integers(-40, 40, SHARDS * ROWS) / 8
    found[np.random.default_rng(6).random(len(found)) < 0.2] = np.nan
    found[ROWS : 2 * ROWS] = np.nan
    return found


@pytest.fixture
def filled(
    warehouse: Warehouse,
    make_bars: Callable[..., Bars],
    strategy: Strategy,
    ratios: np.ndarray,
) -> Warehouse:
    """Studies `a`, `b` and `c`, their shards committed in another order than theirs."""
    bars = make_bars(0, 30)
    root = warehouse.lineage_root(bars)
    for study_id in "abc":
        warehouse.open_study(
            study_id, spec={}, bars=bars, lineage_root=root, strategy=strategy, total=len(ratios)
        )
    for shard in np.random.default_rng(7).permutation(SHARDS):
        for study_id, sign in (("a", 1.0), ("b", -1.0), ("c", 2.0)):
            _commit(warehouse, study_id, int(shard), sign * ratios, root)
    return warehouse


def _commit(warehouse: Warehouse, study_id: str, shard: int, ratios: np.ndarray, root: str) -> None:
    first = shard * ROWS
    metrics = {name: np.arange(first, first + ROWS) + 0.5 for name in TRIAL_METRICS}
    metrics["sharpe"] = ratios[first : first + ROWS]
    table = trials_table(
        study_id=study_id,
        first_index=first,
        keys=np.random.default_rng(shard).integers(0, 256, (ROWS, 16)).astype(np.uint8),
        lineage_root=root,
        param_values=np.zeros((ROWS, 2)),
        metrics=metrics,
        behaviour_hash=np.arange(ROWS, dtype=np.uint64),
        states=["completed", "pruned", "failed", "completed", "completed"] * (ROWS // 5),
    )
    reservation = warehouse.reserve_shard(study_id, shard, ROWS, blocks=False)
    warehouse.commit_shard(reservation, table)


def parts_of(warehouse: Warehouse, study_id: str) -> list[LivePart]:
    with warehouse.control.read() as transaction:
        return warehouse._parts.of_study(transaction, "trials", study_id)


def in_query(warehouse: Warehouse, condition: str) -> pa.Table:
    text = f"SELECT {', '.join(NAMES)} FROM trials WHERE {condition} ORDER BY trial_index"
    return warehouse.sql(text, arrow=True)


def plain(table: pa.Table) -> dict[str, list[Any]]:
    return {name: table[name].to_pylist() for name in NAMES}


@pytest.fixture(params=["parts", "merged"])
def either(request: pytest.FixtureRequest, filled: Warehouse) -> Warehouse:
    """As they were written; and with studies that share files and row groups."""
    if request.param == "merged":
        compact(filled.control, filled._parts)
        assert [part.study_id for part in parts_of(filled, "b")] == [None]
    else:
        assert len(parts_of(filled, "b")) == SHARDS
    return filled


def test_rows_are_those_of_a_query(either: Warehouse) -> None:
    parts = parts_of(either, "b")
    asked = {
        "true": Wanted(study_id="b"),
        "trial_index >= 30 AND trial_index < 110": Wanted(study_id="b", first=30, stop=110),
        "trial_index >= 290": Wanted(study_id="b", first=290),
        "trial_index IN (0, 24, 25, 199)": Wanted(
            study_id="b", indices=np.array([0, 24, 25, 199, 5000])
        ),
        "trial_index > 299": Wanted(study_id="b", first=300),
    }
    for condition, wanted in asked.items():
        found = study_rows(parts, NAMES, wanted)
        assert plain(found) == plain(in_query(either, f"study_id = 'b' AND {condition}"))
    assert len(study_rows(parts, NAMES, Wanted(study_id="nobody"))) == 0
    assert study_rows([], NAMES, Wanted(study_id="b")).column_names == NAMES


def test_a_few_row_groups_or_none(filled: Warehouse) -> None:
    parts = parts_of(filled, "a")
    near, far = (Wanted(study_id="a", indices=np.array(at)) for at in ([3, 7], [3, 70, 140]))
    found = few_study_rows(parts, NAMES, near, 1)
    assert found is not None
    assert found["trial_index"].to_pylist() == [3, 7]
    assert few_study_rows(parts, NAMES, far, 2) is None
    assert few_study_rows(parts, NAMES, far, 3) is not None


@pytest.mark.parametrize("count", [1, 7, 40, 299, 1000])
def test_the_largest_are_among_those_that_are_read(
    either: Warehouse, ratios: np.ndarray, count: int
) -> None:
    """Equal values too, for a ranking puts the first of them first."""
    looks: list[int] = []

    def least(read: pa.Table) -> float:
        looks.append(len(read))
        values = np.sort(read["sharpe"].to_numpy())
        values = values[~np.isnan(values)]
        return float(values[-count]) if len(values) >= count else -np.inf

    for study_id, sign in (("a", 1.0), ("b", -1.0)):
        found = largest_study_rows(
            parts_of(either, study_id),
            NAMES,
            Wanted(study_id=study_id),
            metric="sharpe",
            least=least,
        )
        index = found["trial_index"].to_numpy()
        assert (np.diff(index) > 0).all()
        np.testing.assert_array_equal(found["sharpe"].to_numpy(), sign * ratios[index])
        every = sign * ratios
        bound = np.sort(every[~np.isnan(every)])[-min(count, int((~np.isnan(every)).sum()))]
        assert set(np.flatnonzero(every >= bound)) <= set(index)


def test_groups_that_can_not_hold_the_largest_are_left(filled: Warehouse) -> None:
    found = largest_study_rows(
        parts_of(filled, "a"),
        NAMES,
        Wanted(study_id="a"),
        metric="sharpe",
        least=lambda read: float(np.nanmax(read["sharpe"].to_numpy())) + 1.0,
    )
    assert len(found) == 4 * ROWS


def test_a_file_that_is_too_old_for_a_column(filled: Warehouse) -> None:
    parts = parts_of(filled, "a")
    for part in parts:
        pq.write_table(pq.read_table(part.address).drop_columns(["calmar"]), part.address)
    found = study_rows(parts, NAMES, Wanted(study_id="a"))
    assert found["calmar"].null_count == len(found) == SHARDS * ROWS


def test_a_file_that_can_not_be_read(filled: Warehouse) -> None:
    (part, *_) = parts_of(filled, "c")
    with open(part.address, "r+b") as file:  # noqa: PTH123 - an address, not a path
        file.truncate(100)
    with pytest.raises(IntegrityError, match=r"can't be read .*; bring it back from a backup"):
        study_rows([part], NAMES, Wanted(study_id="c"))
    verified.forget(filled._parts.folder, part.name)
    with pytest.raises(IntegrityError, match="has 100 bytes"):
        filled.trial_columns("c", ["sharpe"])
    assert len(filled.trial_columns("a", ["sharpe"])["sharpe"]) == SHARDS * ROWS
