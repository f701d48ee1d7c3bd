"""Stand-ins for a search's job: what they return is plain, what befalls their worker is not."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import StrategyError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research.search.evaluated import Evaluated

if TYPE_CHECKING:
    from hyprl_lab.research.space import Batch


@dataclass(frozen=True)
class SquareJob:
    """The metrics of a point are its squares plus the job's weight; the threads are its hash."""

    weight: np.ndarray = field(default_factory=lambda: np.arange(3.0))

    def evaluate(self, batch: Batch, *, threads: int) -> Evaluated:
        points = batch.values[:, 0]
        return Evaluated(
            values=np.tile(points**2 + self.weight.sum(), (len(TRIAL_METRICS), 1)),
            behaviour_hash=np.full(len(points), threads, np.uint64),
            states=np.full(len(points), "completed"),
            blocks=None,
            first_error=None,
        )


@dataclass(frozen=True)
class LargeJob(SquareJob):
    """Looks at how its arrays lie in memory: the first one's odd size shifts the second."""

    odd: np.ndarray = field(default_factory=lambda: np.zeros(1_000_001, np.int8))
    even: np.ndarray = field(default_factory=lambda: np.zeros(250_000))

    def evaluate(self, batch: Batch, *, threads: int) -> Evaluated:
        if not (self.even.flags.aligned and batch.values.flags.aligned):
            raise ValueError("an array is not aligned, the engine could not read it")
        return super().evaluate(batch, threads=threads)


@dataclass(frozen=True)
class DeadlyJob(SquareJob):
    """Kills the process that evaluates a batch, as often as `deaths` says for its first point."""

    folder: Path = Path()
    deaths: dict[float, int] = field(default_factory=dict)

    def evaluate(self, batch: Batch, *, threads: int) -> Evaluated:
        first = float(batch.values[0, 0])
        for death in range(self.deaths.get(first, 0)):
            mark = self.folder / f"{first}-{death}"
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return super().evaluate(batch, threads=threads)


@dataclass(frozen=True)
class FaultyJob(SquareJob):
    """Raises: for ever for a negative point, and the first time for each other one."""

    folder: Path = Path()

    def evaluate(self, batch: Batch, *, threads: int) -> Evaluated:
        first = float(batch.values[0, 0])
        if first < 0:
            raise StrategyError(f"node 7 can't take {first}; expected what it can")
        mark = self.folder / f"tried-{first}"
        if not mark.exists():
            mark.touch()
            raise MemoryError("for once")
        return super().evaluate(batch, threads=threads)


@dataclass(frozen=True)
class SleepyJob(SquareJob):
    """Takes half a second a batch, and notes in `folder` which have begun."""

    folder: Path = Path()

    def evaluate(self, batch: Batch, *, threads: int) -> Evaluated:
        (self.folder / f"began-{batch.first}").touch()
        time.sleep(0.5)
        return super().evaluate(batch, threads=threads)
