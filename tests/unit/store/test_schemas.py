from __future__ import annotations

import pyarrow as pa

from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import schemas

WHAT_WAS_SEEN = {"first_ts", "last_ts", "fingerprint", "purpose"}
"""Unknown of single backtests that were recorded before the ledger wrote it down."""


def test_single_trials_have_the_columns_of_trials() -> None:
    trials, single = schemas.trials_schema(), schemas.backtests_schema()
    for name in trials.names:
        if name != "study_id":
            assert single.field(name).type == trials.field(name).type, name
    assert set(single.names) - set(trials.names) == {
        "id", "strategy_hash", "param_names", "created_at", *WHAT_WAS_SEEN,
    }  # fmt: skip


def test_a_metric_may_be_undefined_and_nothing_else() -> None:
    for schema, unknown in (
        (schemas.trials_schema(), set()),
        (schemas.backtests_schema(), WHAT_WAS_SEEN),
    ):
        nullable = {column.name for column in schema if column.nullable}
        assert nullable == {*TRIAL_METRICS, "behaviour_hash"} | unknown
    assert not any(column.nullable for column in schemas.trial_blocks_schema())


def test_blocks_are_seventeen() -> None:
    schema = schemas.trial_blocks_schema()
    sizes = {column.type.list_size for column in schema if pa.types.is_fixed_size_list(column.type)}
    assert sizes == {17}


def test_columns_of_bars_are_their_own() -> None:
    schema = schemas.bars_part_schema(("close", "rsi"))
    assert schema.names == ["_fingerprint", "_symbol", "_timeframe", "_ts", "close", "rsi"]
    assert schema.field("rsi").type == pa.float64()


def test_artifacts_say_whose_they_are() -> None:
    for schema in (schemas.trades_schema(), schemas.orders_schema(), schemas.equity_schema()):
        assert schema.names[0] == "run_hash"
