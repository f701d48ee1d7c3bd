"""`hyprl report`: the report of a stored run."""

from pathlib import Path
from typing import Annotated

import typer

from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit
from hyprl_lab.cli.stored import run_from

__all__ = ["report"]


def report(
    run: Annotated[str, typer.Argument(help="A run's hash, or its first characters.")],
    bars: Annotated[
        str | None, typer.Option(help="The bars it was run on, where they don't ship.")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where the files go; by default into HYPRL_HOME.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a run's report: an executed notebook, and a page that opens without a network."""
    from hyprl_lab.report import report as write_report

    found = run_from(run, bars)
    made = write_report(found, folder=folder)
    emit(
        {"run_hash": found.run_hash, "html": made.html, "notebook": made.notebook},
        as_json=as_json,
    )
