"""All 4,851 pairs of SMA windows 2 to 100 on arch's sp500, against vectorbt 1.2.0.

Long or flat at the adjusted close of the cross, all in, fee 10 bps a side, the last position
marked. vectorbt's Sharpe has the first bar in it as a return of 0, and √365.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.engine import Execution, run
from hyprl_lab.research import supersearch
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy import Strategy, close, param, ta

fast, slow = ta.sma(close, param("fast", 2, 100)), ta.sma(close, param("slow", 2, 100))
CROSS = Strategy(
    "sma_grid", long_entry=fast.crosses_above(slow), long_exit=fast.crosses_below(slow)
)
BEST = {"fast": 11, "slow": 75}
EXECUTION = Execution(fee_bps=10, fill="same_close", at_end="mark")


def test_every_pair(tmp_path: object) -> None:
    bars = load_bars("sp500").adjusted()
    assert len(bars) == 5031
    warehouse = Warehouse(tmp_path)
    study = supersearch(
        bars,
        CROSS,
        {"fast": range(2, 101), "slow": range(2, 101)},
        where="fast < slow",
        holdout=0.0,
        execution=EXECUTION,
        warehouse=warehouse,
    )
    trials = study.trials()
    assert len(trials) == study.evaluated == 4851
    pairs = list(zip(trials["fast"], trials["slow"], strict=True))
    assert pairs == list(combinations(range(2, 101), 2))
    assert trials["total_return"].max() == pytest.approx(1.6112153505134978, rel=1e-12)
    assert trials["max_drawdown"].sum() == pytest.approx(1760.2837375737336, rel=1e-12)
    assert trials["trades"].sum() + trials["open_trades"].sum() == 306_997  # entries
    assert _sharpe_with_first_bar(warehouse, study.study_id).sum() == pytest.approx(
        1153.918511225113, rel=1e-12
    )


def _sharpe_with_first_bar(warehouse: Warehouse, study_id: str) -> np.ndarray:
    """Sharpe over 5,031 returns, the first one 0, from the ledger's block moments alone."""
    blocks = warehouse.sql(
        "SELECT list_sum(sum1) AS s1, list_sum(sum2) AS s2 FROM trial_blocks "
        "WHERE study_id = ? ORDER BY trial_index",
        [study_id],
    )
    n, s1, s2 = 5031, blocks["s1"].to_numpy(), blocks["s2"].to_numpy()
    return s1 / n / np.sqrt((s2 - s1 * s1 / n) / (n - 1)) * np.sqrt(365.0)


@pytest.mark.parametrize("engine", ["native", "python"])
def test_the_best_pair(engine: str) -> None:
    """Single runs of the pair whose return is the largest; the other pairs are in the deep test."""
    bars = load_bars("sp500").adjusted()
    best = run(bars, CROSS, params=BEST, execution=EXECUTION, engine=engine)
    assert best.metrics.total_return == pytest.approx(1.6112153505134978, rel=1e-12)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_every_pair_in_the_twin() -> None:
    bars = load_bars("sp500").adjusted()
    best, sharpe, drawdown, entries = 0.0, 0.0, 0.0, 0
    for first, second in combinations(range(2, 101), 2):
        params = {"fast": first, "slow": second}
        found = run(bars, CROSS, params=params, execution=EXECUTION, engine="python").simulation
        best = max(best, found.values["total_return"])
        drawdown += found.values["max_drawdown"]
        entries += len(found.trades)
        returns = np.concatenate([[0.0], found.equity[1:] / found.equity[:-1] - 1.0])
        sharpe += returns.mean() / returns.std(ddof=1) * np.sqrt(365.0)
    assert best == pytest.approx(1.6112153505134978, rel=1e-12)
    assert sharpe == pytest.approx(1153.918511225113, rel=1e-12)
    assert drawdown == pytest.approx(1760.2837375737336, rel=1e-12)
    assert entries == 306_997
