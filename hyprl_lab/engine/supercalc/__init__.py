"""The low-level layer: one set of bars and one strategy, prepared once and evaluated many times.

What it evaluates counts in the ledger like any other try; see `docs/supercalc.md`.
"""

from __future__ import annotations

from hyprl_lab.engine.supercalc.batch import SearchBatch, run_native_search_batch
from hyprl_lab.engine.supercalc.dataset import SupercalcDataset, prepare_supercalc_dataset
from hyprl_lab.engine.supercalc.series import SignalLevel, SignalSeries, build_signal_series
from hyprl_lab.engine.supercalc.single import run_backtest_native
from hyprl_lab.engine.supercalc.sink import CountingSink
from hyprl_lab.engine.supercalc.work import BatchWork

__all__ = [
    "BatchWork",
    "CountingSink",
    "SearchBatch",
    "SignalLevel",
    "SignalSeries",
    "SupercalcDataset",
    "build_signal_series",
    "prepare_supercalc_dataset",
    "run_backtest_native",
    "run_native_search_batch",
]
