"""Runs: their artifacts, the chain that claims them, and the proof of it."""

from __future__ import annotations

from hyprl_lab.store.runs.claims import Claims
from hyprl_lab.store.runs.findings import Finding, Verification
from hyprl_lab.store.runs.record import RunRecord
from hyprl_lab.store.runs.retention import Cleared
from hyprl_lab.store.runs.run_store import RunStore
from hyprl_lab.store.runs.stored import StoredRun

__all__ = [
    "Claims",
    "Cleared",
    "Finding",
    "RunRecord",
    "RunStore",
    "StoredRun",
    "Verification",
]
