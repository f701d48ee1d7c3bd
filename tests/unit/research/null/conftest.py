from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.study import Study
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

Searching: TypeAlias = Callable[..., Study]
Making: TypeAlias = Callable[..., Bars]

SPACE = {"fast": [2, 3, 4], "slow": [6, 9, 12]}


@pytest.fixture
def search(tmp_path: Path) -> Searching:
    """Search 9 pairs of averages on the 400 bars before a holdout, into one warehouse."""
    warehouse = Warehouse(tmp_path)

    def searched(bars: Bars | None = None, **settings: Any) -> Study:
        strategy = settings.pop("strategy", dual_sma())
        space = settings.pop("space", SPACE)
        arguments = {"constraints": ["trades >= 5"], "warehouse": warehouse} | settings
        given = load_bars("TEST") if bars is None else bars
        return supersearch(given, strategy, space, **arguments)

    return searched


@pytest.fixture(scope="session")
def walk_bars() -> Making:
    """Make a random walk, whose returns follow one another by `memory` of the one before."""

    def made(
        rows: int, seed: int, *, memory: float = 0.0, timeframe: str = "1d", calendar: str = "24/7"
    ) -> Bars:
        draws = np.random.Generator(np.random.PCG64(seed))
        moves = draws.normal(0.0, 0.01, rows)
        for row in range(1, rows):
            moves[row] += memory * moves[row - 1]
        close = 100.0 * np.exp(np.cumsum(moves))
        opened = np.concatenate(([100.0], close[:-1])) * np.exp(draws.normal(0.0, 0.001, rows))
        spread = np.exp(np.abs(draws.normal(0.0, 0.002, (2, rows))))
        step = 86_400_000_000 if timeframe == "1d" else 3_600_000_000
        return Bars.from_arrays(
            np.arange(rows, dtype=np.int64) * step,
            {
                "open": opened,
                "high": np.maximum(opened, close) * spread[0],
                "low": np.minimum(opened, close) / spread[1],
                "close": close,
                "volume": draws.uniform(1e5, 2e5, rows),
            },
            symbol=f"WALK{seed}",
            timeframe=timeframe,
            calendar=calendar,
        )

    return made
