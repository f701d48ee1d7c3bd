"""Types that more than one layer speaks."""

from __future__ import annotations

from collections.abc import Callable
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
    """

    done: int
    total: int
    seconds: float
    best: float | None = None


ProgressCallback: TypeAlias = Callable[[Progress], None]


class CancelToken(Protocol):
    """Anything with `is_set()`, such as `threading.Event`."""

    def is_set(self) -> bool:
        """Whether the work should stop."""
        ...
