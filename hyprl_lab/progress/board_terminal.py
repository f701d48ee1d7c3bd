"""The board of a search on a terminal, drawn by rich on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from hyprl_lab.progress.words import count_text, facts, leader_rows

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live
    from rich.table import Table

    from hyprl_lab.types import Leader, Progress

__all__ = ["TerminalPane"]


class TerminalPane:
    """A part of the terminal that is drawn over itself, and stays as it ended.

    Parameters
    ----------
    title
        Drawn before the bar.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._live: Live | None = None

    def draw(self, step: Progress) -> None:
        """Draw a step over the one before."""
        if self._live is None:
            self._live = _started()
        self._live.update(_picture(self._title, step), refresh=True)

    def close(self) -> None:
        """Leave the last step where it stands, and the cursor below it."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def _started() -> Live:
    from rich.console import Console
    from rich.live import Live

    live = Live(
        console=Console(file=sys.stderr),
        auto_refresh=False,  # no thread of its own: it draws when the search says something
        redirect_stdout=False,
        redirect_stderr=False,
    )
    live.start()
    return live


def _picture(title: str, step: Progress) -> Group:
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    bar = Table.grid(padding=(0, 1))
    bar.add_row(
        Text(title, style="bold"),
        ProgressBar(total=max(step.total, 1), completed=step.done, width=30),
        Text(count_text(step)),
    )
    leaders = [_leaderboard(step.leaders)] if step.leaders else []
    return Group(bar, Text(" · ".join(facts(step))), *leaders)


def _leaderboard(leaders: tuple[Leader, ...]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    heads, rows = leader_rows(leaders)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table
