"""What is done to a worker process from within; each is sent with `client.run`."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any


def set_engine_version(version: str) -> str:
    """Let the engine say that it is of another version; return what it said before."""
    from hyprl_lab import kernels

    before, kernels.VERSION = kernels.VERSION, version
    return before


def take_the_lab_away() -> None:
    sys.modules["hyprl_lab taken away"] = sys.modules["hyprl_lab"]
    sys.modules["hyprl_lab"] = None  # type: ignore[assignment]


def give_the_lab_back() -> None:
    sys.modules["hyprl_lab"] = sys.modules.pop("hyprl_lab taken away")


def die_once(mark: str) -> None:
    """Kill the first process that is so far, in the middle of the engine's second call from now.

    Parameters
    ----------
    mark
        A file that is made by the process that dies; where it exists nobody does.
    """
    from hyprl_lab import kernels

    plain = kernels.search
    calls = iter(range(1))

    @wraps(plain)
    def search(*arguments: Any, **named: Any) -> Any:
        found = plain(*arguments, **named)
        if next(calls, None) is None:
            with suppress(FileExistsError), Path(mark).open("x"):
                os.kill(os.getpid(), signal.SIGKILL)
        return found

    kernels.search = search
