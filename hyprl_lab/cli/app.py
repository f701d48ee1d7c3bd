"""The tree of commands; each group stands in a file of its own."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from hyprl_lab.cli import (
    backtest,
    data,
    demo,
    doctor,
    notebooks,
    presets,
    report,
    runs,
    search,
    serve,
    strategies,
    token,
    warehouse,
)
from hyprl_lab.errors import CancelledError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["app", "command"]


class _Commands(TyperGroup):
    """Commands that Ctrl-C stops with a word: Typer alone ends them in silence."""

    def make_context(self, *given: Any, **extra: Any) -> Any:  # the types of both are not public
        """Read what was typed."""
        with _stopped_by_name():
            return super().make_context(*given, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed."""
        with _stopped_by_name():
            return super().invoke(ctx)


@contextmanager
def _stopped_by_name() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise CancelledError("stopped") from None


app = typer.Typer(
    name="hyprl",
    cls=_Commands,
    help="Find trading strategies that survive honest statistics, and serve the few that do.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS: tuple[Callable[..., None], ...] = (
    demo.demo,
    backtest.backtest,
    search.search,
    report.report,
    presets.promote,
    presets.predict,
    serve.serve,
    notebooks.lab,
    notebooks.dashboard,
    doctor.doctor,
)
GROUPS: tuple[typer.Typer, ...] = (
    data.app,
    presets.app,
    runs.app,
    strategies.app,
    token.app,
    warehouse.app,
)

for function in COMMANDS:
    app.command()(function)
for group in GROUPS:
    app.add_typer(group)


@cache
def command() -> Any:  # typer's own command class is not public
    """Return the tree as one command with a `main(args=, prog_name=, standalone_mode=)`."""
    return typer.main.get_command(app)
