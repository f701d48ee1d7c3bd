"""Who is told how far a long piece of work has come, and the one progress bar that is drawn."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from hyprl_lab.types import Progress, ProgressCallback

__all__ = ["ProgressBar", "Reporter", "progress_bar", "reporter"]


class Reporter:
    """What long work calls with each `Progress`; a context manager that ends with the work.

    Parameters
    ----------
    tell
        Called with each step; `None` tells nobody.

    Examples
    --------
    >>> from hyprl_lab.types import Progress
    >>> with Reporter(lambda step: print(step.done, "of", step.total)) as report:
    ...     report(Progress(done=50, total=100, seconds=0.1))
    50 of 100
    """

    def __init__(self, tell: ProgressCallback | None = None) -> None:
        self._tell = tell

    def __call__(self, step: Progress) -> None:
        """Tell one step."""
        if self._tell is not None:
            self._tell(step)

    def close(self) -> None:
        """End; what was drawn stays as it is."""

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, also where the work was cancelled or failed."""
        self.close()


class ProgressBar(Reporter):
    """A bar: a widget in a notebook, one line on standard error in a terminal.

    Where standard error is a file or a pipe nothing is written, so that logs stay clean.

    Parameters
    ----------
    title
        What the work is, two or three words.
    unit
        What is counted, in the plural: `"trials"`.
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
        notebook = _in_notebook()
        if notebook:
            from tqdm.notebook import tqdm
        else:
            from tqdm import tqdm
        return tqdm(
            desc=self._title,
            total=total,
            unit=self._unit,
            disable=not (notebook or sys.stderr.isatty()),
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
        What is counted, in the plural: `"trials"`.

    Examples
    --------
    >>> from hyprl_lab.types import Progress
    >>> with progress_bar("search", "trials") as advance:
    ...     advance(Progress(done=50, total=100, seconds=0.1, best=1.2))
    """
    return ProgressBar(title, unit)


def reporter(progress: bool | ProgressCallback, title: str) -> Reporter:
    """Return what to call with each `Progress`: nothing, the caller's own, or a drawn bar.

    Use it in a `with` statement, so that a bar ends with the work, whatever ended that.

    Parameters
    ----------
    progress
        `False` is silent, `True` draws a bar, a callable is called.
    title
        What the bar says.

    Examples
    --------
    >>> from hyprl_lab.types import Progress
    >>> with reporter(False, "search") as report:
    ...     report(Progress(done=1, total=1, seconds=0.1))
    """
    if callable(progress):
        return Reporter(progress)
    return ProgressBar(title) if progress else Reporter()


def _in_notebook() -> bool:
    # Asking IPython, and only where something has imported it already.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and shell.__class__.__name__ == "ZMQInteractiveShell"
