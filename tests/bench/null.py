"""The null of a search beside the same by public calls, a market at a time, and beside the kernel.

The scores of some markets are compared with those of `hl.supersearch` on bars made by
`hl.stats.permute_bars`, to the bit, before any time is given. What is compared runs in turn.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from cases import dual_sma, prepared  # the script's own folder comes first on the path

import hyprl_lab as hl
from hyprl_lab import kernels
from hyprl_lab.data import Bars

if TYPE_CHECKING:
    from sizes import Sizes

    from hyprl_lab.types import FloatArray

THREADS = 2
SLOW = range(30, 70)
"""Windows of the slow average; there are as many of the fast one as make up the trials."""


def timings(sizes: Sizes) -> dict[str, object]:
    """Return the row `validation:null`."""
    with tempfile.TemporaryDirectory() as folder:
        return {"validation:null": Timed(sizes, Path(folder)).row()}


class Timed:
    """One search, and its repetition on permuted markets by three ways."""

    def __init__(self, sizes: Sizes, folder: Path) -> None:
        self.markets, self.trials, rows = sizes.null
        self.compared, self.rounds, self.folder = sizes.null_compared, sizes.rounds, folder
        self.bars = hl.load_bars("sp500").adjusted().take(0, rows)
        self.case = replace(
            dual_sma(), space={"fast": range(2, 2 + self.trials // len(SLOW)), "slow": SLOW}
        )
        self.values, self.setup = prepared(self.case, self.bars)
        self.study = self.searched(self.bars, hl.Warehouse(folder / "real"))

    def row(self) -> dict[str, object]:
        """Compare, then time everything in turn; of each way its best round counts."""
        self.check()
        ways: dict[str, Callable[[int], float]] = {
            "kernel alone, on markets that are there": self.kernel,
            "hl.search_null": self.null,
            "hl.supersearch, market by market": self.loop,
        }
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(self.rounds + 1):  # the first is not counted
            for name, way in ways.items():
                took = way(turn)
                if turn:
                    seconds[name].append(took)
        best = {name: min(times) for name, times in seconds.items()}
        ours = best["hl.search_null"]
        work = (
            f"{self.markets:,} permuted markets x {self.trials:,} trials x {len(self.bars):,} bars"
        )
        return {
            "work": f"{work}, {THREADS} threads",
            "compared_with": "the same by hl.stats.permute_bars and hl.supersearch for each "
            f"market, from {self.compared} of them, and the kernel's part of it",
            "largest_difference": 0.0,
            "rounds": self.rounds,
            "seconds_best": best,
            "seconds_all": seconds,
            "times_faster_than_public_calls": best["hl.supersearch, market by market"] / ours,
            "times_the_kernel_alone": ours / best["kernel alone, on markets that are there"],
            "budgets": [
                {"what": f"null of a search: {work}", "unit": "s", "measured": ours, "at_most": 1.5}
            ],
        }

    def check(self) -> None:
        """Compare the scores of some markets with those of searches of them."""
        found = hl.search_null(self.study, markets=self.compared, threads=THREADS).scores
        for path, score in enumerate(found):
            study = self.searched(self.market(0, path), hl.Warehouse(self.folder / f"m{path}"))
            if study.best is None or study.best.objective != score:
                raise SystemExit(f"market {path} scores otherwise, so no time is printed")

    def null(self, turn: int) -> float:
        """Return the seconds of the whole call; markets of a seed that nothing is kept of."""
        started = time.perf_counter()
        hl.search_null(self.study, markets=self.markets, seed=1 + turn, threads=THREADS)
        return time.perf_counter() - started

    def kernel(self, turn: int) -> float:
        """Return the seconds of as many searches of the kernel, without anything around them."""
        some = [self.columns(1 + turn, path) for path in range(8)]

        def one(path: int) -> None:
            kernels.search(some[path % len(some)], self.setup, self.values, threads=1, blocks=False)

        with ThreadPoolExecutor(THREADS) as pool:
            started = time.perf_counter()
            list(pool.map(one, range(self.markets)))
            return time.perf_counter() - started

    def loop(self, turn: int) -> float:
        """Return the seconds that public calls would take for all, from those of some."""
        warehouse = hl.Warehouse(self.folder / f"loop{turn}")
        warehouse.status()  # makes its tables
        started = time.perf_counter()
        for path in range(self.compared):
            self.searched(self.market(1 + turn, path), warehouse)
        return (time.perf_counter() - started) * self.markets / self.compared

    def searched(self, bars: Bars, warehouse: hl.Warehouse) -> hl.Study:
        """Search some bars."""
        return hl.supersearch(
            bars,
            self.case.strategy,
            {name: list(axis) for name, axis in self.case.space.items()},
            holdout=0.0,
            execution=self.case.execution,
            ledger="summary",
            threads=THREADS,
            progress=False,
            warehouse=warehouse,
        )

    def market(self, seed: int, path: int) -> Bars:
        """Return one market as bars of its own."""
        bars = self.bars
        return Bars.from_arrays(
            bars.ts,
            self.columns(seed, path),
            symbol=f"{bars.symbol}_{path}",
            timeframe=bars.timeframe,
            calendar=bars.calendar,
        )

    def columns(self, seed: int, path: int) -> dict[str, FloatArray]:
        """Return the columns of one market."""
        made = hl.stats.permute_bars(self.bars.columns, seed=seed, path=path)
        return {name: np.ascontiguousarray(values) for name, values in made.items()}
