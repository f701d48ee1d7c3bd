"""Pieces of work that are timed in a process of their own: cold starts and peaks of memory.

A peak is the largest resident set while the work ran, less what was resident when it began:
imports, bars and arguments are there beforehand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.data import Bars
    from hyprl_lab.kernels import Setup
    from hyprl_lab.types import FloatArray

PIECE = 32_768
"""Trials of one call of the kernel where a search alone is timed."""


def run(task: str, **arguments: object) -> dict[str, Any]:
    """Do a piece of work in a fresh process and return what it says."""
    done = subprocess.run(
        [sys.executable, __file__, task, json.dumps(arguments)],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{task} {arguments} ended with code {done.returncode}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def kernel(*, bars: int, trials: int, threads: int, blocks: bool, rounds: int) -> dict[str, Any]:
    """Time the native search alone; compare some trials with the plain simulator first."""
    from hyprl_lab import kernels

    market = market_of(bars)
    values, setup = crosses(market, trials)

    def search() -> None:
        for first in range(0, trials, PIECE):
            kernels.search(
                market.columns,
                setup,
                values[first : first + PIECE],
                threads=threads,
                blocks=blocks,
            )

    same_as_plain(market, setup, values)
    held = Peak()
    times = [seconds_of(search) for _ in range(rounds + 1)]
    median = float(np.median(times[1:]))
    return {
        "bars": bars,
        "trials": trials,
        "threads": threads,
        "seconds_cold": times[0],
        "seconds_median": median,
        "ns_per_bar_trial_core": 1e9 * median * threads / bars / trials,
        "peak_bytes_above_imports": held.above(),
    }


def ledger(*, bars: int, side: int, fees: int, kind: str) -> dict[str, Any]:
    """Time a search into the ledger beside the search alone; look at memory, disk and the top."""
    import hyprl_lab as hl
    from hyprl_lab import kernels
    from hyprl_lab.store.control.statements import query

    market = market_of(bars)
    trials = side * side
    values, setup = crosses(market, trials)
    strategy = cross()
    same_as_plain(market, setup, values)

    def alone() -> None:
        for _ in range(fees):
            for first in range(0, trials, PIECE):
                kernels.search(
                    market.columns,
                    setup,
                    values[first : first + PIECE],
                    threads=os.cpu_count() or 1,
                    blocks=kind == "full",
                )

    windows = range(2, side + 2)
    space: dict[str, object] = {"fast": windows, "slow": windows}
    if fees > 1:
        space["execution.fee_bps"] = range(fees)
    with tempfile.TemporaryDirectory() as folder:  # a small search first: imports are no part
        warehouse = hl.Warehouse(folder)
        first = {"fast": windows[:2], "slow": windows[:2]}
        hl.supersearch(market, strategy, first, progress=False, warehouse=warehouse)
        warehouse.close()
    kernel_seconds = seconds_of(alone)
    with tempfile.TemporaryDirectory() as folder:
        warehouse = hl.Warehouse(folder)
        warehouse.status()  # makes its tables
        held = Peak()
        started = time.perf_counter()
        study = hl.supersearch(
            market, strategy, space, holdout=0.0, ledger=kind, progress=False, warehouse=warehouse
        )
        took = time.perf_counter() - started
        peak = held.above()
        done = sum(warehouse.study(study.study_id).live.values())
        if not study.complete or done != trials * fees:
            raise SystemExit(f"{done} of {trials * fees} trials were committed")
        first_top = seconds_of(lambda: study.top(20))
        best = {"study_id": study.study_id, "n": 20}
        table = warehouse.sql(query("top_trials"), best, arrow=True)
        everything = warehouse.trial_columns(study.study_id, ["sharpe"])["sharpe"]
        ranked = -np.sort(-everything[~np.isnan(everything)])[:20]
        if not np.array_equal(table["sharpe"].to_numpy(), ranked):
            raise SystemExit("the twenty best are wrong, so no time is printed")
        if not np.array_equal(study.top(20)["sharpe"], ranked):
            raise SystemExit("the study's twenty best are wrong, so no time is printed")
        again = [seconds_of(lambda: study.top(20)) for _ in range(9)]
        top = [
            seconds_of(lambda: warehouse.sql(query("top_trials"), best, arrow=True))
            for _ in range(9)
        ]
        size = warehouse.status().size
        warehouse.close()
    return {
        "bars": bars,
        "trials": trials * fees,
        "ledger": kind,
        "seconds": took,
        "seconds_search_alone": kernel_seconds,
        "times_the_search_alone": took / kernel_seconds,
        "trials_per_second": trials * fees / took,
        "peak_bytes_above_imports": peak,
        "bytes_on_disk": size,
        "bytes_per_trial": size / (trials * fees),
        "top20_milliseconds": 1e3 * float(np.median(top)),
        "study_top20_first_milliseconds": 1e3 * first_top,
        "study_top20_milliseconds": 1e3 * float(np.median(again)),
    }


def cold(*, side: int, began: float) -> dict[str, Any]:
    """Time all that stands before the first answer of a new process, then a second search.

    `began` is `time.time()` before the process was started.
    """
    import hyprl_lab as hl

    imported = time.time() - began
    bars = hl.load_bars("sp500").adjusted()
    loaded = time.time() - began - imported
    windows = range(2, side + 2)

    def search(place: str) -> float:
        started = time.perf_counter()
        warehouse = hl.Warehouse(place)
        hl.supersearch(
            bars,
            cross(),
            {"fast": windows, "slow": windows},
            where="fast < slow",
            holdout=0.0,
            progress=False,
            warehouse=warehouse,
        )
        took = time.perf_counter() - started
        warehouse.close()
        return took

    with tempfile.TemporaryDirectory() as folder:
        first = search(str(Path(folder, "first")))
        total = time.time() - began
        second = search(str(Path(folder, "second")))
    return {
        "seconds_import": imported,
        "seconds_load_bars": loaded,
        "seconds_first_search": first,
        "seconds_to_first_answer": total,
        "seconds_second_search": second,
    }


def overfitting(*, trials: int, bars: int, threads: int, rounds: int) -> dict[str, Any]:
    """Time the cross-validation of a search from block sums; compare its threads first."""
    from overfitting import block_moments

    import hyprl_lab as hl

    sums, squares = block_moments(trials, bars)

    def validate(threads: int) -> hl.stats.BacktestOverfitting:
        return hl.stats.overfitting_of_blocks(sums, squares, bars // 16, threads=threads)

    few = slice(0, 1_000)
    one, two, seven = (
        hl.stats.overfitting_of_blocks(sums[few], squares[few], bars // 16, threads=count)
        for count in (1, 2, 7)
    )
    for other in (two, seven):
        if one.logits.tobytes() != other.logits.tobytes():
            raise SystemExit("threads change the logits, so no time is printed")
    held = Peak()
    times = [seconds_of(lambda: validate(threads)) for _ in range(rounds + 1)]
    return {"seconds": times[1:], "peak_bytes_above_imports": held.above()}


class Peak:
    """The largest resident set since this was made (Linux)."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
        self._before = _status("VmRSS")

    def above(self) -> int:
        """Return the bytes by which the peak is above what was resident at the start."""
        return _status("VmHWM") - self._before


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name}:")]
    return 1024 * int(line.split()[1])


def market_of(bars: int) -> Bars:
    """Return daily bars where there are as many, and a random walk in minutes beyond."""
    import hyprl_lab as hl

    daily = hl.load_bars("sp500").adjusted()
    if bars <= len(daily):
        return daily.take(0, bars)
    from micro import walk

    return walk(bars)


def cross() -> Any:
    """Return the graph that is searched: long while a fast average is above a slow one."""
    from cases import dual_sma

    return dual_sma().strategy


def crosses(bars: Bars, trials: int) -> tuple[FloatArray, Setup]:
    """Return so many pairs of windows, both orders, and what the kernel needs beside bars."""
    from dataclasses import replace

    from cases import dual_sma, prepared

    import hyprl_lab as hl

    side = int(np.ceil(np.sqrt(trials)))
    windows = range(2, side + 2)
    first = {"fast": windows[:1], "slow": windows[:1]}
    one = replace(dual_sma(), where=None, space=first, execution=hl.Execution())
    _, setup = prepared(one, bars)
    fast, slow = np.meshgrid(windows, windows, indexing="ij")
    values = np.column_stack([fast.ravel(), slow.ravel()]).astype(np.float64)
    return np.ascontiguousarray(values[:trials]), setup


def same_as_plain(bars: Bars, setup: Setup, values: FloatArray) -> None:
    """Compare three trials with the plain simulator, to the bit; end where one differs."""
    from hyprl_lab import kernels

    rows = values[np.linspace(0, len(values) - 1, 3).astype(np.int64)]
    found = kernels.search(bars.columns, setup, np.ascontiguousarray(rows), threads=1)
    for place, row in enumerate(rows):
        one = kernels.backtest(bars.columns, setup, row)
        if not np.array_equal(one["values"], found["values"][:, place], equal_nan=True):
            raise SystemExit(f"trial {row} differs from the plain simulator: no time is printed")


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    tasks = {"kernel": kernel, "ledger": ledger, "cold": cold, "overfitting": overfitting}
    print(json.dumps(tasks[sys.argv[1]](**json.loads(sys.argv[2]))))
