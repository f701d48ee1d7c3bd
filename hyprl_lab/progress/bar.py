"""The one progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.progress.place import in_notebook, on_terminal
from hyprl_lab.progress.reporter import Reporter

if TYPE_CHECKING:
    from typing import Any

    from hyprl_lab.types import Progress

__all__ = ["ProgressBar", "progress_bar"]


class ProgressBar(Reporter):
    """A bar: a widget in a notebook, one line on standard error in a terminal.

    Where standard error is a file or a pipe nothing is written, so that logs stay clean.

    Parameters
    ----------
    title
        What the work is, two or three words.
    unit
        What is counted, in the plural: `"windows"`.
    """

    def __init__(self, title: str, unit: str = "") -> None:
        super().__init__()
        self._title = title
        self._unit = f" {unit}" if unit else ""
        self._bar: Any = None

    def __call__(self, step: Progress) -> None:
        """Move the bar; the first step draws it."""
        if self._bar is None:
            self._bar = self._drawn(step.total)
        bar = self._bar
        bar.total = step.total
        bar.n = step.done
        if step.best is not None:
            bar.set_postfix_str(f"best {step.best:.4g}", refresh=False)
        bar.refresh()
        if step.done >= step.total:
            self.close()

    def close(self) -> None:
        """End the bar where it stands; again is no harm."""
        if self._bar is not None:
            self._bar.close()

    def _drawn(self, total: int) -> Any:  # tqdm has no types
        notebook = in_notebook()
        if notebook:
            from tqdm.notebook import tqdm
        else:
            from tqdm import tqdm
        return tqdm(
            desc=self._title,
            total=total,
            unit=self._unit,
            disable=not (notebook or on_terminal()),
            leave=True,
            dynamic_ncols=True,
        )


def progress_bar(title: str, unit: str = "") -> ProgressBar:
    """Return a bar that is drawn while a `with` block runs.

    Parameters
    ----------
    title
        What the work is, two or three words.
    unit
        What is counted, in the plural: `"windows"`.

    Examples
    --------
    >>> from hyprl_lab.types import Progress
    >>> with progress_bar("walk-forward", "windows") as advance:
    ...     advance(Progress(done=5, total=10, seconds=0.1, best=1.2))
    """
    return ProgressBar(title, unit)
