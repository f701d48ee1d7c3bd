"""The progress bar, imported when a command first draws one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hyprl_lab.progress import ProgressBar

__all__ = ["progress_bar"]


def progress_bar(label: str, unit: str) -> ProgressBar:
    """Return `hyprl_lab.progress.progress_bar`: a `with` block that yields its callback.

    Parameters
    ----------
    label
        What is being done.
    unit
        What is counted: `"trials"`, `"windows"`.
    """
    from hyprl_lab import progress

    return progress.progress_bar(label, unit)
