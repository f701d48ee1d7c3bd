"""Exit codes, and how an error becomes one.

| code | meaning |
|---|---|
| 0 | done |
| 1 | refused: a gate or a check said no (a traceback beside it is a bug in the lab) |
| 2 | what was typed can't be used: an option, a file, bars or a strategy of no such name |
| 3 | the lab could not do it: no run, study, preset or page of that id, the store, a report |
| 130 | stopped by Ctrl-C |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.cli.output import emit, note
from hyprl_lab.errors import CancelledError, InputError, LabError, PromotionError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CANCELLED", "DONE", "FAILED", "REFUSED", "USAGE", "exit_code", "run"]

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
FAILED: Final = 3
CANCELLED: Final = 130


def exit_code(error: LabError) -> int:
    """Return the exit code that stands for an error.

    Examples
    --------
    >>> from hyprl_lab.errors import BarsError, NotFoundError
    >>> exit_code(BarsError("row 3")), exit_code(NotFoundError("no run"))
    (2, 3)
    """
    if isinstance(error, CancelledError):
        return CANCELLED
    if isinstance(error, PromotionError):
        return REFUSED
    return USAGE if isinstance(error, InputError) else FAILED


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code.

    An error of the lab becomes one message on standard error, without a traceback; with `--json`
    standard output then holds one object with the key `error`.

    Parameters
    ----------
    arguments
        What follows `hyprl`.
    """
    import typer

    from hyprl_lab.cli.app import command

    try:
        code = command().main(args=list(arguments), prog_name="hyprl", standalone_mode=False)
    except LabError as error:
        return _failed(type(error).__name__, str(error), exit_code(error), arguments)
    except typer.TyperException as error:
        hint = "see hyprl --help"
        context = getattr(error, "ctx", None)
        if context is not None:
            hint = f"see {context.command_path} --help"
        message = f"{error.format_message()} ({hint})"
        return _failed("UsageError", message, error.exit_code, arguments)
    except typer.Abort:
        return _failed("CancelledError", "stopped", CANCELLED, arguments)
    return code if isinstance(code, int) else DONE


def _failed(kind: str, message: str, code: int, arguments: Sequence[str]) -> int:
    note(f"hyprl: {message}")
    if "--json" in arguments:
        error = {"type": kind, "message": message, "exit_code": code}
        emit({"error": error}, as_json=True)
    return code
