"""Processes that work on one warehouse at once, to be killed: a crew, its foreman and its home."""

from __future__ import annotations

from crew.foreman import Foreman, Worker
from crew.home import SHARDS_AT_HOME, contents, goes_on, prepared
from crew.work import ROWS, SHARDS, begin, commit, run_hash, run_record, trial_row

__all__ = [
    "ROWS",
    "SHARDS",
    "SHARDS_AT_HOME",
    "Foreman",
    "Worker",
    "begin",
    "commit",
    "contents",
    "goes_on",
    "prepared",
    "run_hash",
    "run_record",
    "trial_row",
]
