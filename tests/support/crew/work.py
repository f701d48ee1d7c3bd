"""What is written: every number of a row says which row it is, so that a torn one shows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.hashing import digest
from hyprl_lab.metrics import TRIAL_METRICS

if TYPE_CHECKING:
    from hyprl_lab.store import RunRecord, TrialRow, Warehouse
    from hyprl_lab.store.trials.ledger import StudyState

SHARDS = 60
"""Of a study."""

ROWS = 50
"""Of a shard."""

PRICES = {"open": 1.0, "high": 2.0, "low": 0.5, "close": 1.5}
BARS: Any = SimpleNamespace(
    symbol="SPY",
    timeframe="1d",
    ts=np.arange(9),
    columns={name: np.full(9, price) for name, price in PRICES.items()},
    fingerprint="f",
)
STRATEGY: Any = SimpleNamespace(hash=digest({}), name="n", parameters={"n": None}, to_json=dict)


def begin(warehouse: Warehouse, study: str, shards: int = SHARDS) -> tuple[str, StudyState]:
    """Open a study; return its lineage root and what is live."""
    root = warehouse.lineage_root(BARS)
    state = warehouse.open_study(
        study, spec={}, bars=BARS, lineage_root=root, strategy=STRATEGY, total=shards * ROWS
    )
    return root, state


def commit(warehouse: Warehouse, study: str, root: str, shard: int) -> None:
    """Reserve a shard and commit it with its blocks; trial i has i in every column."""
    from hyprl_lab.store import blocks_table, trials_table

    reservation = warehouse.reserve_shard(study, shard, ROWS)
    index = np.arange(shard * ROWS, (shard + 1) * ROWS)
    keys = np.zeros((ROWS, 16), np.uint8)
    keys[:, :8] = index.astype(">i8").view(np.uint8).reshape(ROWS, 8)
    keys[:, 8:] = np.frombuffer(study.encode().ljust(8)[:8], np.uint8)
    trials = trials_table(
        study_id=study,
        first_index=int(index[0]),
        keys=keys,
        lineage_root=root,
        param_values=index[:, None].astype(float),
        metrics={name: index.astype(float) for name in TRIAL_METRICS},
        behaviour_hash=index.astype(np.uint64),
    )
    blocks = blocks_table(
        study_id=study,
        first_index=int(index[0]),
        blocks=np.broadcast_to(index[:, None, None], (ROWS, 17, 6)).astype(float),
    )
    warehouse.commit_shard(reservation, trials, blocks)


def trial_row(root: str, number: int) -> TrialRow:
    """Return the trial of a single backtest."""
    from hyprl_lab.store import TrialRow

    return TrialRow(
        strategy_hash=STRATEGY.hash,
        risk={},
        execution={},
        lineage_root=root,
        params={"n": float(number)},
        metrics=dict.fromkeys(TRIAL_METRICS, float(number)),
        behaviour_hash=number,
    )


def run_hash(number: int) -> str:
    """Return the name of a run."""
    return f"{number:064x}"


def run_record(root: str, number: int) -> RunRecord:
    """Return a run with three points of equity and no trades."""
    import pyarrow as pa

    from hyprl_lab.store import RunRecord, trades_schema

    return RunRecord(
        run_hash=run_hash(number),
        engine="native",
        engine_version="1",
        config={"n": number},
        metrics={"sharpe": float(number)},
        trades=trades_schema().empty_table(),
        equity=pa.table(
            {"ts": pa.array([0, 1, 2], pa.timestamp("us", "UTC")), "equity": [float(number)] * 3}
        ),
        symbol="SPY",
        timeframe="1d",
        fingerprint="f",
        lineage_root=root,
        strategy_hash=STRATEGY.hash,
        strategy_name="n",
    )
