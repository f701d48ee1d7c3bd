"""Who is told how far a long piece of work has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.types import Progress, ProgressCallback

__all__ = ["reporter"]


def reporter(progress: bool | ProgressCallback, title: str) -> Callable[[Progress], None]:
    """Return what to call with each `Progress`: nothing, the caller's own, or a drawn bar.

    Parameters
    ----------
    progress
        `False` is silent, `True` draws a bar on standard error or in the notebook, a callable
        is called.
    title
        What the bar says.
    """
    if callable(progress):
        return progress
    if not progress:
        return lambda _: None
    from tqdm.auto import tqdm

    bar = tqdm(desc=title, unit="", unit_scale=True, leave=True)

    def show(step: Progress) -> None:
        bar.total = step.total
        if step.best is not None:
            bar.set_postfix_str(f"best {step.best:.4g}", refresh=False)
        bar.update(step.done - bar.n)
        if step.done >= step.total:
            bar.close()

    return show
