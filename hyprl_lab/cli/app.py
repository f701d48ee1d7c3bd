"""The tree of commands; each group stands in a file of its own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import typer

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

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["app", "command"]

app = typer.Typer(
    name="hyprl",
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
GROUPS: tuple[typer.Typer, ...] = (data.app, runs.app, strategies.app, token.app, warehouse.app)

for function in COMMANDS:
    app.command()(function)
for group in GROUPS:
    app.add_typer(group)


@cache
def command() -> Any:  # typer's own command class is not public
    """Return the tree as one command with a `main(args=, prog_name=, standalone_mode=)`."""
    return typer.main.get_command(app)
