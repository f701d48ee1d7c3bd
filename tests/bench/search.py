"""The search beside vectorbt: the same 4,851 pairs on the same bars, in turn, in one run.

Answers are compared before any time is given. Ours is timed three ways:
the native search alone, and the whole of `hl.supersearch` into the ledger with and without blocks.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import hyprl_lab as hl
from hyprl_lab import kernels
from hyprl_lab.engine import Period, native
from hyprl_lab.engine.backtest import inputs
from hyprl_lab.engine.config import DEFAULTS
from hyprl_lab.research.space import grid

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
SPACE = {"fast": range(2, 101), "slow": range(2, 101)}
EXECUTION = hl.Execution(fee_bps=10, fill="same_close", at_end="mark")


def against_vectorbt() -> dict[str, object]:
    """Compare, then time."""
    bars = hl.load_bars("sp500").adjusted()
    fast = hl.ta.sma(hl.close, hl.param("fast", 2, 100))
    slow = hl.ta.sma(hl.close, hl.param("slow", 2, 100))
    strategy = hl.Strategy(
        "sma_grid", long_entry=fast.crosses_above(slow), long_exit=fast.crosses_below(slow)
    )
    points = grid(strategy, SPACE, "fast < slow")
    values = next(points.batches(points.size)).values
    setup = native.setup(
        inputs(
            bars,
            strategy,
            {"fast": 2.0, "slow": 3.0},
            risk=DEFAULTS.risk,
            execution=EXECUTION,
            cash=10_000.0,
            window=Period().window(bars),
        )
    )

    def kernel(threads: int) -> kernels.SearchArrays:
        return kernels.search(bars.columns, setup, values, threads=threads)

    def ledger(kind: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            hl.supersearch(
                bars,
                strategy,
                SPACE,
                where="fast < slow",
                holdout=0.0,
                execution=EXECUTION,
                ledger=kind,
                warehouse=hl.Warehouse(folder),
            )

    ours: dict[str, Callable[[], object]] = {
        "native search, 1 thread": lambda: kernel(1),
        "native search, 2 threads": lambda: kernel(2),
        "supersearch, ledger=summary": lambda: ledger("summary"),
        "supersearch, ledger=full": lambda: ledger("full"),
    }
    with tempfile.TemporaryDirectory() as folder:
        bars_file, answer_file = Path(folder) / "bars.npz", Path(folder) / "answer.npz"
        np.savez(bars_file, ts=bars.ts, close=bars.close)
        peer = Peer(bars_file, answer_file)
        peer.search()
        largest = differences(kernel(2), np.load(answer_file), len(bars))
        seconds: dict[str, list[float]] = {name: [] for name in (*ours, "vectorbt")}
        for work in ours.values():
            work()
        for _ in range(ROUNDS):
            seconds["vectorbt"].append(peer.search())
            for name, work in ours.items():
                started = time.perf_counter()
                work()
                seconds[name].append(time.perf_counter() - started)
    cells = points.size * len(bars)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    return {
        "work": f"{points.size} pairs of SMA windows x {len(bars)} bars",
        "compared_with": f"vectorbt {peer.version}, Rust engine",
        "largest_difference": largest,
        "rounds": ROUNDS,
        "seconds_median": medians,
        "seconds_all": seconds,
        "ns_per_bar_trial": {name: 1e9 * s / cells for name, s in medians.items()},
        "times_faster_than_vectorbt": {name: medians["vectorbt"] / medians[name] for name in ours},
    }


class Peer:
    """vectorbt in its own environment and process, warm between requests."""

    def __init__(self, bars_file: Path, answer_file: Path) -> None:
        self._answer_file = answer_file
        self.version = ""
        self._process = subprocess.Popen(
            [ROOT / ".venv-bench/bin/python", ROOT / "tests/bench/vectorbt_peer.py", bars_file],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def search(self) -> float:
        """Run its search once and return the seconds it took."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the peer was started without pipes")
        self._process.stdin.write(f"{self._answer_file}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        self.version = answer["version"]
        return float(answer["seconds"])


def differences(
    ours: kernels.SearchArrays, theirs: dict[str, np.ndarray], bars: int
) -> dict[str, float]:
    """Return the largest difference over all pairs; fail where the answers are not the same."""
    row = {name: place for place, name in enumerate(kernels.METRIC_NAMES)}
    values = ours["values"]
    sums = ours["blocks"].sum(axis=1)
    sharpe = (
        sums[:, 0] / bars / np.sqrt((sums[:, 1] - sums[:, 0] ** 2 / bars) / (bars - 1)) * 365**0.5
    )  # vectorbt counts the first bar as a return of 0
    pairs = {
        "total_return": values[row["total_return"]],
        "sharpe": sharpe,
        "max_drawdown": values[row["max_drawdown"]],
        "entries": values[row["trades"]] + values[row["open_trades"]],
    }
    largest = {name: float(np.abs(mine - theirs[name]).max()) for name, mine in pairs.items()}
    if largest["entries"] != 0 or max(largest.values()) > 1e-9:
        raise SystemExit(f"the answers differ, so no time is printed: {largest}")
    return largest


def import_ms() -> float:
    """Return the median time of `import hyprl_lab` in a fresh, warm process."""
    code = "import time; t = time.perf_counter(); import hyprl_lab; print(time.perf_counter() - t)"
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(7)
    ]
    return 1e3 * statistics.median(times)
