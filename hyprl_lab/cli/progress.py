"""A progress bar on standard error, for people only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.types import Progress, ProgressCallback

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(label: str, unit: str) -> Iterator[ProgressCallback]:
    """Yield what long work calls with how far it has come.

    Parameters
    ----------
    label
        What is being done.
    unit
        What is counted: `"trials"`, `"windows"`.

    Yields
    ------
    ProgressCallback
        Draws a bar where standard error is a terminal; elsewhere it draws nothing.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        TextColumn("{task.fields[best]}"),
    )
    with Bar(*columns, console=console, disable=not console.is_terminal) as drawn:
        task = drawn.add_task(label, total=None, best="")

        def update(now: Progress) -> None:
            best = "" if now.best is None else f"best {now.best:.4g}"
            drawn.update(task, completed=now.done, total=now.total, best=best)

        yield update
