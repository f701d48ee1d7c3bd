"""How fast the ledger takes trials from four processes, and how fast it finds the best of them.

The trials are those of a real search, 15,625 pairs of SMA windows on sp500; each shard commits
them again under its own indices, keys and Sharpe ratios. What is timed is all that a search does
with what the kernel hands it: keys, Arrow tables, reservation, files synced to disk, commit.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import hyprl_lab as hl
from hyprl_lab import kernels
from hyprl_lab.engine import Period, native
from hyprl_lab.engine.backtest import inputs
from hyprl_lab.engine.config import DEFAULTS
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research.space import grid
from hyprl_lab.store import blocks_table, trial_key_prefix, trials_table
from hyprl_lab.store.control.statements import query

PROCESSES = 4
SHARDS = 64
SPACE = {"fast": range(2, 127), "slow": range(2, 127)}
ROWS = 15_625
TRIALS = SHARDS * ROWS
STUDY = "ingest"
QUERIES = 15


def timings() -> dict[str, object]:
    """Return `ingest:trials`, `ingest:blocks` and `top20`."""
    rows: dict[str, object] = {}
    for kind, least in (("trials", 300_000), ("blocks", 100_000)):
        with tempfile.TemporaryDirectory() as folder:
            seconds = ingest(Path(folder), kind)
            warehouse = hl.Warehouse(folder)
            rows[f"ingest:{kind}"] = {
                "work": f"{TRIALS} trials in {SHARDS} shards from {PROCESSES} processes"
                + (", 17 blocks each" if kind == "blocks" else ""),
                "seconds": seconds,
                "trials_per_second": TRIALS / seconds,
                "bytes_per_trial": warehouse.status().size / TRIALS,
                "cores": os.cpu_count(),
                "compared_with": f"a budget of {least} trials a second",
            }
            if kind == "trials":
                rows["top20"] = best(warehouse)
            warehouse.close()
    return rows


def ingest(home: Path, kind: str) -> float:
    """Let the processes commit their shards; return the seconds from the first to the last."""
    begin(hl.Warehouse(home))
    workers = [
        subprocess.Popen(
            [sys.executable, __file__, str(home), kind, str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for place in range(PROCESSES)
    ]
    for worker in workers:
        said(worker, "ready")
    started = time.perf_counter()
    for worker in workers:
        tell(worker, "go")
    for worker in workers:
        said(worker, "done")
    seconds = time.perf_counter() - started
    for worker in workers:
        worker.communicate()
    committed = sum(hl.Warehouse(home).study(STUDY).live.values())
    if committed != TRIALS or any(worker.returncode for worker in workers):
        raise SystemExit(f"{committed} of {TRIALS} trials were committed, so no time is printed")
    return seconds


def best(warehouse: hl.Warehouse) -> dict[str, object]:
    """Time the twenty best of a million, before and after a compaction; check them first."""
    row: dict[str, object] = {"work": f"the 20 best of {TRIALS} trials, all columns"}
    for moment in ("before_compaction", "after_compaction"):
        if moment == "after_compaction":
            started = time.perf_counter()
            warehouse.compact()
            row["compaction_seconds"] = time.perf_counter() - started
        found = top(warehouse)
        everything = warehouse.trial_columns(STUDY, ["sharpe"])["sharpe"]
        if not np.array_equal(found, -np.sort(-everything[~np.isnan(everything)])[:20]):
            raise SystemExit(f"the twenty best are wrong {moment}, so no time is printed")
        times = []
        for _ in range(QUERIES):
            started = time.perf_counter()
            top(warehouse)
            times.append(time.perf_counter() - started)
        row[moment] = {
            "parts": warehouse.status().live_parts,
            "milliseconds_median": 1e3 * statistics.median(times),
            "milliseconds_largest": 1e3 * max(times),
        }
    return row | {"compared_with": "a budget of 100 ms"}


def top(warehouse: hl.Warehouse) -> np.ndarray:
    """Return the Sharpe ratios of the twenty best trials."""
    table = warehouse.sql(query("top_trials"), {"study_id": STUDY, "n": 20}, arrow=True)
    return table["sharpe"].to_numpy()


def begin(warehouse: hl.Warehouse) -> str:
    """Enter the study and return its lineage root."""
    bars = hl.load_bars("sp500").adjusted()
    root = warehouse.lineage_root(bars)
    warehouse.open_study(
        STUDY, spec={}, bars=bars, lineage_root=root, strategy=crossover(), total=TRIALS
    )
    return root


def crossover() -> hl.Strategy:
    """Return the graph that is searched."""
    fast = hl.ta.sma(hl.close, hl.param("fast", 2, 126))
    slow = hl.ta.sma(hl.close, hl.param("slow", 2, 126))
    return hl.Strategy(
        "sma_grid", long_entry=fast.crosses_above(slow), long_exit=fast.crosses_below(slow)
    )


def search() -> tuple[np.ndarray, kernels.SearchArrays]:
    """Evaluate the grid once; return its parameter values and what the kernel found."""
    bars, strategy = hl.load_bars("sp500").adjusted(), crossover()
    values = next(grid(strategy, SPACE, None).batches(ROWS)).values
    simulation = inputs(
        bars,
        strategy,
        dict(zip(SPACE, values[0].tolist(), strict=True)),
        risk=DEFAULTS.risk,
        execution=DEFAULTS.execution,
        cash=DEFAULTS.cash,
        window=Period().window(bars),
    )
    return values, kernels.search(simulation.columns, native.setup(simulation), values, threads=1)


def work(home: Path, kind: str, place: int) -> None:
    """Commit every fourth shard, once the parent says so."""
    warehouse = hl.Warehouse(home)
    root = begin(warehouse)
    values, found = search()
    prefix = trial_key_prefix(crossover().hash, {}, {}, root)
    metrics = dict(zip(TRIAL_METRICS, found["values"], strict=True))
    sharpe = metrics["sharpe"]
    trials_table(  # pyarrow is imported before the clock starts
        study_id=STUDY,
        first_index=0,
        keys=kernels.trial_keys(prefix, list(SPACE), values),
        lineage_root=root,
        param_values=values,
        metrics=metrics,
        behaviour_hash=found["behaviour_hash"],
    )
    print("ready", flush=True)
    sys.stdin.readline()
    for shard in range(place, SHARDS, PROCESSES):
        first = shard * ROWS
        reservation = warehouse.reserve_shard(STUDY, shard, ROWS, blocks=kind == "blocks")
        shifted = values + np.array([1_000.0 * shard, 0.0])
        trials = trials_table(
            study_id=STUDY,
            first_index=first,
            keys=kernels.trial_keys(prefix, list(SPACE), shifted),
            lineage_root=root,
            param_values=shifted,
            metrics=metrics | {"sharpe": sharpe + shard * 1e-6},
            behaviour_hash=found["behaviour_hash"],
            states=np.where(found["failed"], "failed", "completed").tolist(),
        )
        blocks = None
        if kind == "blocks":
            blocks = blocks_table(study_id=STUDY, first_index=first, blocks=found["blocks"])
        warehouse.commit_shard(reservation, trials, blocks)
    print("done", flush=True)


def tell(process: subprocess.Popen[str], word: str) -> None:
    """Write a line to a process."""
    if process.stdin is None:
        raise RuntimeError("the process was started without pipes")
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


def said(process: subprocess.Popen[str], expected: str) -> None:
    """Wait for a line of a process."""
    if process.stdout is None or process.stdout.readline().strip() != expected:
        raise SystemExit(f"a process of the bench did not say {expected!r}")


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
