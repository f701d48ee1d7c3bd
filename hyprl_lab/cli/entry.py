"""The way in: Ctrl-C is heard before anything that takes time is imported."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

__all__ = ["main", "run"]

_CANCELLED = 130  # cli.exits has the others, and is among what is still to be imported


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; see `hyprl_lab.cli.exits`.

    Parameters
    ----------
    arguments
        What follows `hyprl`.
    """
    from hyprl_lab.cli import exits

    return exits.run(arguments)


def main() -> None:
    """Run `hyprl` with the process's own arguments, and exit."""
    arguments, stop = sys.argv[1:], _Stop()
    stop.listen()
    try:
        code = run(arguments)
    except (KeyboardInterrupt, ImportError):  # compiled modules make the one into the other
        if not stop.asked:
            raise
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second one ends the process at once
        _say_stopped(arguments)
        code = _CANCELLED
    sys.exit(code)


class _Stop:
    """Remembers that Ctrl-C was pressed, and raises `KeyboardInterrupt` as Python does."""

    def __init__(self) -> None:
        self.asked = False

    def listen(self) -> None:
        """Take the place of Python's own handler, and of no other: `nohup` ignores Ctrl-C."""
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self)

    def __call__(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - of handlers
        self.asked = True
        raise KeyboardInterrupt


def _say_stopped(arguments: Sequence[str]) -> None:
    """Say what `cli.exits` says of a command that was stopped, whatever was imported so far."""
    sys.stderr.write("hyprl: stopped\n")
    if "--json" in arguments:
        import json

        error = {"type": "CancelledError", "message": "stopped", "exit_code": _CANCELLED}
        sys.stdout.write(f"{json.dumps({'error': error})}\n")
