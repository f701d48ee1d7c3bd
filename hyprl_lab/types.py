"""Types that more than one layer speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "AtEnd",
    "BoolArray",
    "CancelToken",
    "EngineName",
    "Fill",
    "FloatArray",
    "IntArray",
    "Intrabar",
    "JsonValue",
    "Leader",
    "Progress",
    "ProgressCallback",
    "Reason",
    "RunStateName",
    "Side",
    "Unfilled",
]

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
BoolArray: TypeAlias = NDArray[np.bool_]

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

EngineName: TypeAlias = Literal["native", "python"]
RunStateName: TypeAlias = Literal["queued", "running", "completed", "failed", "cancelled"]
Side: TypeAlias = Literal["long", "short"]
Fill: TypeAlias = Literal["next_open", "same_close"]
AtEnd: TypeAlias = Literal["close", "mark"]
Intrabar: TypeAlias = Literal["stop_first", "target_first", "nearest_first"]
Unfilled: TypeAlias = Literal["carry", "cancel"]
Reason: TypeAlias = Literal[
    "signal",
    "stop_loss",
    "take_profit",
    "ruined",
    "forced",
    "open",
    "trailing_stop",
    "time_stop",
    "session",
    "daily_target",
    "daily_loss",
]


@dataclass(frozen=True, slots=True)
class Leader:
    """One of the best trials so far.

    Parameters
    ----------
    score
        Its objective.
    params
        Its parameters by name.
    """

    score: float
    params: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long piece of work has come.

    Parameters
    ----------
    done, total
        Units of work (bars, trials, windows, resamples).
    seconds
        Wall time since the start.
    best
        The best objective so far, `None` before the first defined one and where nothing is
        searched.
    memory
        Bytes of memory that the process holds, `None` where that is not known.
    leaders
        The best trials so far, best first; empty where nothing is searched.
    before
        Units that were done before this start: those of a search that goes on. They count in
        `done`, and not in `rate`.

    Examples
    --------
    >>> step = Progress(done=50, total=200, seconds=0.5)
    >>> step.rate, step.eta
    (100.0, 1.5)
    """

    done: int
    total: int
    seconds: float
    best: float | None = None
    memory: int | None = None
    leaders: tuple[Leader, ...] = ()
    before: int = 0

    @property
    def rate(self) -> float | None:
        """Units a second since the start, `None` before one is done."""
        fresh = self.done - self.before
        return fresh / self.seconds if fresh > 0 and self.seconds > 0 else None

    @property
    def eta(self) -> float | None:
        """Seconds until the end at this rate, `None` where there is no rate yet."""
        rate = self.rate
        return None if rate is None else max(self.total - self.done, 0) / rate


ProgressCallback: TypeAlias = Callable[[Progress], None]


class CancelToken(Protocol):
    """Anything with `is_set()`, such as `threading.Event`."""

    def is_set(self) -> bool:
        """Whether the work should stop."""
        ...
