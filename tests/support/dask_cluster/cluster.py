"""Worker processes, started and killed."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import Client, LocalCluster

LOOPBACK = "127.0.0.1"


@contextmanager
def running(scratch: Path, workers: int = 2, *, processes: bool = True) -> Iterator[LocalCluster]:
    """Start workers of one thread that no other machine can reach; a dead one is replaced.

    Ports are whatever is free, so clusters of several test runs get on. What Dask logs about
    workers that die, as they are made to, is left out.
    """
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set(
            {
                "temporary-directory": str(scratch),
                "distributed.comm.timeouts.connect": "5s",  # to a worker that has just died
            }
        ),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=processes,
            host=LOOPBACK if processes else None,
            dashboard_address=f"{LOOPBACK}:0",
            scheduler_kwargs={"dashboard": False},
            silence_logs=50,
        ) as cluster,
    ):
        yield cluster


def worker_pids(client: Client) -> list[int]:
    """The processes of the workers that the scheduler knows."""
    return sorted(client.run(os.getpid).values())


def killed(client: Client, count: int) -> list[int]:
    """Kill so many workers as the kernel's OOM killer would; return which."""
    dying = worker_pids(client)[:count]
    for pid in dying:
        os.kill(pid, signal.SIGKILL)
    return dying
