"""A progress bar for long work, in a terminal and in a notebook."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.types import Progress, ProgressCallback

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(description: str) -> Iterator[ProgressCallback]:
    """Show a bar while the block runs; yield the callback that moves it.

    A notebook gets a widget, a terminal a line on the error stream. Where the error stream is a
    file or a pipe nothing is written, so that logs stay clean.

    Parameters
    ----------
    description
        What the work is, two or three words.

    Examples
    --------
    >>> from hyprl_lab.types import Progress
    >>> with progress_bar("Search") as advance:
    ...     advance(Progress(done=50, total=100, seconds=0.1, best=1.2))
    """
    notebook = _in_notebook()
    if notebook:
        from tqdm.notebook import tqdm
    else:
        from tqdm import tqdm
    with tqdm(
        desc=description,
        unit="",
        disable=not (notebook or sys.stderr.isatty()),
        leave=True,
        dynamic_ncols=True,
    ) as bar:

        def advance(progress: Progress) -> None:
            bar.total = progress.total
            bar.n = progress.done
            if progress.best is not None:
                bar.set_postfix_str(f"best {progress.best:.4g}", refresh=False)
            bar.refresh()

        yield advance


def _in_notebook() -> bool:
    # Asking IPython, and only where something has imported it already.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and shell.__class__.__name__ == "ZMQInteractiveShell"
