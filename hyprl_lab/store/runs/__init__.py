"""Runs: their artifacts, and the chain that links them."""

from __future__ import annotations

from hyprl_lab.store.runs.run_store import RunRecord, RunStore, StoredRun

__all__ = [
    "RunRecord",
    "RunStore",
    "StoredRun",
]
