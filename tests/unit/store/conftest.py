"""Small ledgers to test with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import TrialRow, Warehouse, blocks_table, trials_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from hyprl_lab.data import Bars
    from hyprl_lab.strategy import Strategy

DAY_US = 86_400_000_000


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    opened = Warehouse(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def make_bars() -> Callable[..., Bars]:
    """Daily bars from one day number to another, the last excluded."""

    def make(first: int, stop: int, symbol: str = "SPY", timeframe: str = "1d") -> Bars:
        import pandas as pd

        from hyprl_lab.data import Bars

        days = np.arange(first, stop)
        close = 100.0 + np.sin(days)
        frame = pd.DataFrame(
            {"open": close, "high": close + 1, "low": close - 1, "close": close, "volume": 1.0},
            index=pd.DatetimeIndex(days * DAY_US * 1000, tz="UTC", name="ts"),
        )
        return Bars.from_pandas(frame, symbol=symbol, timeframe=timeframe, calendar="24/7")

    return make


@pytest.fixture(scope="session")
def strategy() -> Strategy:
    from hyprl_lab.strategy import Strategy, close, param, ta

    fast, slow = ta.sma(close, param("fast", 5, 50)), ta.sma(close, param("slow", 20, 200))
    return Strategy(
        "cross", long_entry=fast.crosses_above(slow), long_exit=fast.crosses_below(slow)
    )


@pytest.fixture(scope="session")
def make_trials() -> Callable[..., pa.Table]:
    """Rows of table trials: key i is i as 16 bytes, Sharpe i, Calmar undefined."""

    def make(study_id: str, first: int, n: int, root: str = "root", key_from: int = 0) -> pa.Table:
        index = np.arange(first, first + n)
        keys = [(int(i) + key_from).to_bytes(16, "big") for i in index]
        metrics = {name: index.astype(np.float64) for name in TRIAL_METRICS}
        metrics["calmar"] = np.full(n, np.nan)
        return trials_table(
            study_id=study_id,
            first_index=first,
            keys=np.frombuffer(b"".join(keys), np.uint8).reshape(n, 16),
            lineage_root=root,
            param_values=np.column_stack([index + 0.5, -index.astype(np.float64)]),
            metrics=metrics,
            behaviour_hash=np.full(n, 2**64 - 1, np.uint64),
        )

    return make


@pytest.fixture(scope="session")
def make_blocks() -> Callable[..., pa.Table]:
    """Blocks whose values are 1000·trial + 10·block + column."""

    def make(study_id: str, first: int, n: int) -> pa.Table:
        trial, block, column = np.meshgrid(
            np.arange(first, first + n), np.arange(17), np.arange(6), indexing="ij"
        )
        values = (1000 * trial + 10 * block + column).astype(np.float64)
        return blocks_table(study_id=study_id, first_index=first, blocks=values)

    return make


@pytest.fixture
def study(warehouse: Warehouse, make_bars: Callable[..., Bars], strategy: Strategy) -> str:
    """An open study of 8 trials; returns its lineage root. Its id is `study`."""
    bars = make_bars(0, 30)
    root = warehouse.lineage_root(bars)
    warehouse.open_study(
        "study", spec={"kind": "search"}, bars=bars, lineage_root=root, strategy=strategy, total=8
    )
    return root


@pytest.fixture
def fill(
    make_bars: Callable[..., Bars],
    strategy: Strategy,
    make_trials: Callable[..., pa.Table],
    make_blocks: Callable[..., pa.Table],
) -> Callable[..., None]:
    """Commit shards of a study, 4 trials each, with their blocks."""

    def commit(warehouse: Warehouse, shards: Iterable[int], study_id: str = "study") -> None:
        bars = make_bars(0, 30)
        root = warehouse.lineage_root(bars)
        warehouse.open_study(
            study_id, spec={}, bars=bars, lineage_root=root, strategy=strategy, total=40
        )
        for shard in shards:
            reservation = warehouse.reserve_shard(study_id, shard, 4)
            warehouse.commit_shard(
                reservation,
                make_trials(study_id, 4 * shard, 4, root),
                make_blocks(study_id, 4 * shard, 4),
            )

    return commit


@pytest.fixture
def record() -> Callable[..., None]:
    """Record single trials, with numbers that say which."""

    def commit(warehouse: Warehouse, numbers: Iterable[int]) -> None:
        for number in numbers:
            metrics: dict[str, float | None] = dict.fromkeys(TRIAL_METRICS, float(number))
            warehouse.record_trial(
                TrialRow(
                    strategy_hash=f"h{number % 2}",
                    risk={},
                    execution={},
                    lineage_root="r",
                    params={"n": float(number), "m": 0.1},
                    metrics=metrics | {"calmar": None},
                    behaviour_hash=2**64 - 1 - number,
                    id=f"id{number}",
                )
            )
        warehouse.flush()

    return commit
