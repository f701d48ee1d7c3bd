"""Logging runs beside MLflow: the same runs, on the same disk, in turn, in one process each.

What is compared, and what each way gives:

- `trials, one flush`: `record_trial` for every run, then `flush`: all are safe on disk at the end
  (in the lab a background thread commits within a second, off the caller's path).
- `trials, a flush each`: a synced commit before the next run is logged.
- `shard`: all runs in one reserve and commit, as a search's shard.
- `saved runs`: `result.save()`: config, metrics, trades, orders and equity in files of their own,
  synced and renamed, a manifest, a link of the chain and a signed checkpoint, one run at a time.
- `mlflow sqlite`, `mlflow file`: create_run, one log_batch of all parameters and metrics,
  set_terminated, as its client does them. SQLite commits are synced to disk, several a run;
  the file store syncs nothing. Neither hashes nor signs.
- `mlflow sqlite, files`: the same, and `log_artifacts` of the very files that `saved runs` wrote.

MLflow keeps a history of each metric, tags, and a run's life cycle, which trials do not have.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import hyprl_lab as hl
from hyprl_lab import kernels
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import TrialRow, trial_key_prefix, trials_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.engine import Result

ROOT = Path(__file__).resolve().parents[2]
RUNS = 200
ROUNDS = 3


def against_mlflow() -> dict[str, object]:
    """Log the same runs in turn, compare the twenty best, then give times and ratios."""
    bars, strategy = hl.load_bars("sp500").adjusted(), hl.strategy.builtin.dual_sma()
    pairs = [{"fast": fast, "slow": slow} for fast in range(2, 12) for slow in range(20, 40)]
    results = [hl.backtest(bars, strategy, params=params, record=False) for params in pairs[:RUNS]]
    best = sorted((values(one)["sharpe"] for one in results), reverse=True)[:20]
    seconds: dict[str, list[float]] = {}
    finding: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        written = saved_files(results, place / "written")
        runs = place / "runs.json"
        runs.write_text(
            json.dumps([{"params": dict(r.params), "metrics": values(r)} for r in results])
        )
        peer = Peer()
        for turn in range(ROUNDS + 1):  # the first is not counted
            for name, way in OURS.items():
                took = way(results, place / f"{name} {turn}", best)
                seconds.setdefault(name, []).append(took[0])
                finding.setdefault(name, []).append(took[1])
            for name, store, files in PEERS:
                home = place / f"{name} {turn}"
                home.mkdir()
                found = peer.log(
                    store=store,
                    folder=str(home),
                    runs=str(runs),
                    artifacts=[str(path) for path in written] if files else None,
                )
                check(found["top"], best, name)
                seconds.setdefault(name, []).append(found["seconds"])
                finding.setdefault(name, []).append(found["top_seconds"])
        peer.close()
    each = {name: 1e3 * statistics.median(times[1:]) / RUNS for name, times in seconds.items()}
    return {
        "work": f"{RUNS} runs of {len(pairs[0])} parameters and up to {len(TRIAL_METRICS)} metrics",
        "compared_with": f"mlflow {peer.version}, its SQLite and its file store",
        "rounds": ROUNDS,
        "milliseconds_a_run": each,
        "milliseconds_top20": {
            name: 1e3 * statistics.median(times[1:]) for name, times in finding.items()
        },
        "times_faster": {
            f"{ours} than {theirs}": each[theirs] / each[ours]
            for ours, theirs in (
                ("trials, one flush", "mlflow sqlite"),
                ("trials, one flush", "mlflow file"),
                ("trials, a flush each", "mlflow sqlite"),
                ("trials, a flush each", "mlflow file"),
                ("shard", "mlflow sqlite"),
                ("shard", "mlflow file"),
                ("saved runs", "mlflow sqlite"),
                ("saved runs", "mlflow file"),
                ("saved runs", "mlflow sqlite, files"),
            )
        },
    }


def values(result: Result) -> dict[str, float]:
    """Return a result's metrics, those that are defined."""
    found = result.simulation.values
    return {name: float(found[name]) for name in TRIAL_METRICS if math.isfinite(found[name])}


def row(result: Result, root: str) -> TrialRow:
    """Return a result as the ledger takes it."""
    return TrialRow(
        strategy_hash=result.strategy.hash,
        risk=result.risk.to_json(),
        execution=result.execution.to_json(),
        lineage_root=root,
        params=result.params,
        metrics=result.simulation.values,
        behaviour_hash=result.simulation.behaviour_hash,
    )


def one_flush(results: list[Result], home: Path, best: list[float]) -> tuple[float, float]:
    """Record every trial, then wait for all."""
    warehouse = hl.Warehouse(home)
    root = warehouse.lineage_root(results[0].bars)
    started = time.perf_counter()
    for result in results:
        warehouse.record_trial(row(result, root))
    warehouse.flush()
    return time.perf_counter() - started, found(warehouse, "trials", best)


def flush_each(results: list[Result], home: Path, best: list[float]) -> tuple[float, float]:
    """Record every trial and wait for it."""
    warehouse = hl.Warehouse(home)
    root = warehouse.lineage_root(results[0].bars)
    started = time.perf_counter()
    for result in results:
        warehouse.record_trial(row(result, root))
        warehouse.flush()
    return time.perf_counter() - started, found(warehouse, "trials", best)


def shard(results: list[Result], home: Path, best: list[float]) -> tuple[float, float]:
    """Commit all as one shard of a study."""
    warehouse = hl.Warehouse(home)
    first = results[0]
    root = warehouse.lineage_root(first.bars)
    warehouse.open_study(
        "bench",
        spec={},
        bars=first.bars,
        lineage_root=root,
        strategy=first.strategy,
        total=len(results),
    )
    names = list(first.params)
    started = time.perf_counter()
    reservation = warehouse.reserve_shard("bench", 0, len(results), blocks=False)
    prefix = trial_key_prefix(
        first.strategy.hash, first.risk.to_json(), first.execution.to_json(), root
    )
    params = np.array([[result.params[name] for name in names] for result in results], float)
    trials = trials_table(
        study_id="bench",
        first_index=0,
        keys=kernels.trial_keys(prefix, names, params),
        lineage_root=root,
        param_values=params,
        metrics={
            name: np.array([result.simulation.values[name] for result in results])
            for name in TRIAL_METRICS
        },
        behaviour_hash=np.array([r.simulation.behaviour_hash for r in results], np.uint64),
    )
    warehouse.commit_shard(reservation, trials)
    return time.perf_counter() - started, found(warehouse, "trials", best)


def saved(results: list[Result], home: Path, best: list[float]) -> tuple[float, float]:
    """Store every run with its files."""
    warehouse = hl.Warehouse(home)
    again = [
        hl.backtest(one.bars, one.strategy, params=one.params, record=False, warehouse=warehouse)
        for one in results
    ]
    warehouse.lineage_root(results[0].bars)
    started = time.perf_counter()
    for result in again:
        result.save()
    return time.perf_counter() - started, found(warehouse, "runs", best)


def found(warehouse: hl.Warehouse, view: str, best: list[float]) -> float:
    """Find the twenty best, check them, and return the seconds of a second look."""
    query = f"select * from {view} order by sharpe desc nulls last limit 20"
    check(warehouse.sql(query, arrow=True)["sharpe"].to_pylist(), best, view)
    started = time.perf_counter()
    warehouse.sql(query, arrow=True)
    return time.perf_counter() - started


def saved_files(results: list[Result], home: Path) -> list[Path]:
    """Save runs in a warehouse that keeps all their files; return the folder of each."""
    warehouse = hl.Warehouse(home)
    folders = []
    for one in results:
        result = hl.backtest(
            one.bars, one.strategy, params=one.params, record=False, warehouse=warehouse
        )
        folders.append(warehouse.get_run(result.save()).folder)
    return folders


def check(top: list[float], best: list[float], name: str) -> None:
    """Fail where the twenty best are not those."""
    if not np.allclose(top, best, rtol=1e-12, atol=0.0):
        raise SystemExit(f"{name}: the twenty best are {top}, expected {best}; no time is printed")


OURS: dict[str, Callable[[list[Result], Path, list[float]], tuple[float, float]]] = {
    "trials, one flush": one_flush,
    "trials, a flush each": flush_each,
    "shard": shard,
    "saved runs": saved,
}
PEERS = (
    ("mlflow sqlite", "sqlite", False),
    ("mlflow file", "file", False),
    ("mlflow sqlite, files", "sqlite", True),
)


class Peer:
    """MLflow in its own environment and process."""

    def __init__(self) -> None:
        self.version = ""
        self._process = subprocess.Popen(
            [ROOT / ".venv-bench/bin/python", ROOT / "tests/bench/mlflow_peer.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def log(self, **request: object) -> dict[str, Any]:
        """Let it log runs; return its answer."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the peer was started without pipes")
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("mlflow's process ended; run tests/bench/mlflow_peer.py by hand")
        answer: dict[str, Any] = json.loads(line)
        self.version = answer["version"]
        return answer

    def close(self) -> None:
        """End its process."""
        self._process.communicate()
