"""Searches beside vectorbt and beside the plain simulator, in turn, in one run.

Every answer is compared before any time is given: with vectorbt four statistics of each trial,
with the plain simulator every metric and the behaviour hash of a sample, to the bit. Ours is timed
as the native search alone (with block moments and without) and as the whole of `hl.supersearch`
into a ledger that exists.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from cases import Case, cases, prepared  # the script's own folder comes first on the path

import hyprl_lab as hl
from hyprl_lab import kernels

if TYPE_CHECKING:
    from collections.abc import Callable

    from sizes import Sizes

    from hyprl_lab.data import Bars
    from hyprl_lab.types import IntArray

ROOT = Path(__file__).resolve().parents[2]
THREADS = 2

ENOUGH_SECONDS = 0.5
"""How long short work is repeated each time."""


def timings(sizes: Sizes) -> dict[str, object]:
    """Return a row `search:<case>` for each case."""
    bars = hl.load_bars("sp500").adjusted()
    rows: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, case in cases().items():
            with Peer() as peer:  # a process a case, so that its memory is that of the case
                rows[f"search:{name}"] = Timed(name, case, bars, Path(folder), sizes).row(peer)
    return rows


class Timed:
    """One case on some bars: what is compared, then what is timed."""

    def __init__(self, name: str, case: Case, bars: Bars, folder: Path, sizes: Sizes) -> None:
        self.name, self.case, self.bars, self.sizes = name, case, bars, sizes
        self.folder = folder
        self.values, self.setup = prepared(case, bars)
        self.cells = len(self.values) * len(bars)

    def row(self, peer: Peer) -> dict[str, object]:
        """Compare, then time everything in turn."""
        found = self.kernel(THREADS, blocks=True)
        checked = {"plain simulator, largest difference": self.same_as_plain(found)}
        ours: dict[str, Callable[[], float]] = {
            "native search, no blocks, 1 thread": clocked(lambda: self.kernel(1, blocks=False)),
            "native search, no blocks, 2 threads": clocked(lambda: self.kernel(2, blocks=False)),
            "native search, blocks, 1 thread": clocked(lambda: self.kernel(1, blocks=True)),
            "native search, blocks, 2 threads": clocked(lambda: self.kernel(2, blocks=True)),
            "supersearch, ledger=summary": lambda: self.supersearch("summary"),
            "supersearch, ledger=full": lambda: self.supersearch("full"),
        }
        theirs: dict[str, Callable[[], float]] = {"plain simulator, 1 thread": self.plain}
        cold = None
        if self.case.peer:
            given, answer = self.handed_over(), self.folder / f"{self.name}-answer.npz"
            theirs["vectorbt"] = lambda: peer.search(self.name, given, answer)["seconds"]
            cold = theirs["vectorbt"]()
            checked |= differences(found, np.load(answer), len(self.bars))
        seconds: dict[str, list[float]] = {name: [] for name in (*ours, *theirs)}
        for turn in range(self.sizes.rounds + 1):  # the first is not counted
            for name, work in (theirs | ours).items():
                took = work()
                if turn:
                    seconds[name].append(took)
        medians = {name: statistics.median(times) for name, times in seconds.items()}
        return self.report(medians, seconds, checked, peer, cold)

    def report(
        self,
        medians: dict[str, float],
        seconds: dict[str, list[float]],
        checked: dict[str, float],
        peer: Peer,
        cold: float | None,
    ) -> dict[str, object]:
        """Return the row of what was measured."""
        against = ["the plain simulator, trial by trial in one thread"]
        if self.case.peer:
            against.insert(0, f"vectorbt {peer.version} with its Rust engine")
        row: dict[str, object] = {
            "work": f"{len(self.values):,} trials x {len(self.bars):,} bars",
            "compared_with": ", and ".join(against),
            "largest_difference": checked,
            "rounds": self.sizes.rounds,
            "seconds_median": medians,
            "seconds_all": seconds,
            "ns_per_bar_trial": {name: 1e9 * s / self.cells for name, s in medians.items()},
            "times_faster_than_plain": {
                name: medians["plain simulator, 1 thread"] / took for name, took in medians.items()
            },
        }
        if self.case.peer:
            row["vectorbt_seconds_cold"] = cold
            row["vectorbt_peak_bytes"] = peer.peak_bytes
            row["times_faster_than_vectorbt"] = {
                name: medians["vectorbt"] / took for name, took in medians.items()
            }
        return row | {"budgets": self.budgets(medians)}

    def budgets(self, medians: dict[str, float]) -> list[dict[str, object]]:
        """Return the budgets of this case with what was measured."""
        rows = []
        for kind, limit in zip(("no blocks", "blocks"), self.case.budget, strict=True):
            if limit is not None:
                took = medians[f"native search, {kind}, {THREADS} threads"]
                rows.append(
                    {
                        "what": f"{self.name}: native search, {kind}, per bar, trial and core",
                        "unit": "ns",
                        "measured": 1e9 * took * THREADS / self.cells,
                        "at_most": limit,
                    }
                )
        if self.name == "dual_sma":
            rows.append(
                {
                    "what": f"{self.name}: native search, {THREADS} threads, beside vectorbt",
                    "unit": "times faster",
                    "measured": medians["vectorbt"]
                    / medians[f"native search, no blocks, {THREADS} threads"],
                    "at_least": 1_000.0,
                }
            )
        return rows

    def kernel(self, threads: int, *, blocks: bool) -> kernels.SearchArrays:
        """Run the native search alone."""
        return kernels.search(
            self.bars.columns, self.setup, self.values, threads=threads, blocks=blocks
        )

    def supersearch(self, ledger: str) -> float:
        """Return the seconds of a search into a ledger that is open already."""
        with tempfile.TemporaryDirectory() as folder:
            warehouse = hl.Warehouse(folder)
            warehouse.status()  # makes its tables
            started = time.perf_counter()
            study = hl.supersearch(
                self.bars,
                self.case.strategy,
                {name: list(axis) for name, axis in self.case.space.items()},
                where=self.case.where,
                holdout=0.0,
                risk=self.case.risk,
                execution=self.case.execution,
                ledger=ledger,
                progress=False,
                warehouse=warehouse,
            )
            took = time.perf_counter() - started
            if not study.complete:
                raise SystemExit(f"{self.name}: the search ended before its last trial")
            warehouse.close()
        return took

    def sample(self) -> IntArray:
        """Return the rows that the plain simulator is given."""
        count = min(self.sizes.plain_trials, len(self.values))
        return np.linspace(0, len(self.values) - 1, count).astype(np.int64)

    def plain(self) -> float:
        """Return the seconds that the plain simulator would take for all, from those of some."""
        places = self.sample()
        started = time.perf_counter()
        for place in places:
            kernels.backtest(self.bars.columns, self.setup, self.values[place])
        return (time.perf_counter() - started) * len(self.values) / len(places)

    def same_as_plain(self, found: kernels.SearchArrays) -> float:
        """Compare a sample with the plain simulator, to the bit; return 0.0."""
        for place in self.sample():
            one = kernels.backtest(self.bars.columns, self.setup, self.values[place])
            same = (
                np.array_equal(one["values"], found["values"][:, place], equal_nan=True)
                and one["behaviour_hash"] == int(found["behaviour_hash"][place])
                and np.array_equal(one["blocks"], found["blocks"][place], equal_nan=True)
            )
            if not same:
                raise SystemExit(
                    f"{self.name}: trial {place} differs from the plain simulator, "
                    "so no time is printed"
                )
        return 0.0

    def handed_over(self) -> Path:
        """Write bars, parameters and ready series for the peer; return the file."""
        path = self.folder / f"{self.name}.npz"
        names = sorted(self.case.strategy.parameters)
        np.savez(
            path,
            ts=self.bars.ts,
            **{name: self.bars.columns[name] for name in ("open", "high", "low", "close")},
            **{name: self.values[:, place] for place, name in enumerate(names)},
            **{name: make(self.bars) for name, make in self.case.ready.items()},
        )
        return path


class Peer:
    """vectorbt in its own environment and process, warm between requests."""

    def __init__(self) -> None:
        self.version = ""
        self.peak_bytes = 0
        self._process = subprocess.Popen(
            [ROOT / ".venv-bench/bin/python", ROOT / "tests/bench/vectorbt_peer.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def search(self, case: str, given: Path, answer: Path) -> dict[str, Any]:
        """Run its search of a case once; return its answer, `seconds` among it."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the peer was started without pipes")
        request = {"case": case, "given": str(given), "answer": str(answer)}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"vectorbt ended in the case {case}; what it said stands above")
        said: dict[str, Any] = json.loads(line)
        self.version, self.peak_bytes = said["version"], said["peak_bytes"]
        return said

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


def clocked(work: Callable[[], object]) -> Callable[[], float]:
    """Return a function that does short work warm and returns its seconds.

    The work is done once untimed, and then until half a second is over, as others' work takes long
    enough to warm itself; what counts is the mean.
    """

    def timed() -> float:
        work()
        took, times = 0.0, 0
        while took < ENOUGH_SECONDS:
            started = time.perf_counter()
            kept = work()
            took += time.perf_counter() - started
            times += 1
            del kept  # giving its memory back is no part of the work
        return took / times

    return timed


def differences(
    ours: kernels.SearchArrays, theirs: dict[str, np.ndarray], bars: int
) -> dict[str, float]:
    """Return the largest difference over all trials; fail where the answers are not the same."""
    row = {name: place for place, name in enumerate(kernels.METRIC_NAMES)}
    values = ours["values"]
    sums = ours["blocks"].sum(axis=1)
    spread = np.sqrt((sums[:, 1] - sums[:, 0] ** 2 / bars) / (bars - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        # vectorbt counts the first bar as a return of 0, and a year as 365 of them
        sharpe = np.where(spread > 0, sums[:, 0] / bars / spread * math.sqrt(365), np.nan)
    pairs = {
        "total_return": values[row["total_return"]],
        "sharpe": sharpe,
        "max_drawdown": values[row["max_drawdown"]],
        "entries": values[row["trades"]] + values[row["open_trades"]],
    }
    largest = {}
    for name, mine in pairs.items():
        known = np.isfinite(theirs[name])  # a trial without a trade has no ratio
        if not np.array_equal(known, np.isfinite(mine)):
            raise SystemExit(f"{name} is defined for other trials, so no time is printed")
        scale = np.maximum(np.abs(mine[known]), 1.0)
        largest[name] = float((np.abs(mine - theirs[name])[known] / scale).max())
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
