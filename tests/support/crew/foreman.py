"""Workers, and the process that forks them (`python -m crew`)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

HERE = Path(__file__).resolve().parents[1]


@dataclass(slots=True)
class Worker:
    """A process at one duty; what it and its predecessors said stands in one file.

    It is held by a descriptor: nobody waits for it, so its number may soon be another's.
    """

    duty: str
    pid: int
    said: Path
    descriptor: int

    def lives(self) -> bool:
        """Whether it still runs."""
        return self._signalled(0)

    def kill(self) -> bool:
        """End it at once; return whether it was alive."""
        return self._signalled(signal.SIGKILL)

    def _signalled(self, number: int) -> bool:
        try:
            signal.pidfd_send_signal(self.descriptor, number)
        except ProcessLookupError:
            return False
        return True

    def lines(self) -> list[list[str]]:
        """Return what was said; a last line that was cut off was not said."""
        lines = self.said.read_text().splitlines(keepends=True) if self.said.exists() else []
        return [line.split() for line in lines if line.endswith("\n")]

    def errors(self) -> str:
        """Return what was written to standard error."""
        path = self.said.with_suffix(".errors")
        return path.read_text() if path.exists() else ""


class Foreman:
    """Forks workers on one home.

    Parameters
    ----------
    home
        The warehouse's home.
    place
        A folder for what they say.
    environment
        Variables that differ from this process's.
    """

    def __init__(self, home: Path, place: Path, **environment: str) -> None:
        self._place = place
        self._descriptors: list[int] = []
        paths = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "crew", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)} | environment,
        )

    def hire(self, duty: str, name: str) -> Worker:
        """Start a worker; one of the same name goes on with its predecessor's file."""
        said = self._place / name
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{duty}\t{said}\t{said.with_suffix('.errors')}\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        descriptor = os.pidfd_open(pid)  # it waits for a line that says it is held
        self._descriptors.append(descriptor)
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return Worker(duty, pid, said, descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()
        for descriptor in self._descriptors:
            os.close(descriptor)
