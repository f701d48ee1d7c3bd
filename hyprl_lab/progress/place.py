"""Where a drawing would go: to a notebook, to a terminal, or nowhere."""

from __future__ import annotations

import sys

__all__ = ["in_notebook", "on_terminal"]


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this code: asks IPython, where something has imported it.

    Examples
    --------
    >>> in_notebook()
    False
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and shell.__class__.__name__ == "ZMQInteractiveShell"


def on_terminal() -> bool:
    """Whether standard error is a terminal, and no file or pipe that would keep what is drawn."""
    return sys.stderr is not None and sys.stderr.isatty()
