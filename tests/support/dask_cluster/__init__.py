"""A Dask cluster of processes on this machine's loopback, and jobs for it that go wrong."""

from __future__ import annotations

from dask_cluster.cluster import killed, running, worker_pids
from dask_cluster.jobs import DeadlyJob, FaultyJob, LargeJob, SleepyJob, SquareJob
from dask_cluster.sabotage import (
    die_once,
    give_the_lab_back,
    set_engine_version,
    take_the_lab_away,
)

__all__ = [
    "DeadlyJob",
    "FaultyJob",
    "LargeJob",
    "SleepyJob",
    "SquareJob",
    "die_once",
    "give_the_lab_back",
    "killed",
    "running",
    "set_engine_version",
    "take_the_lab_away",
    "worker_pids",
]
