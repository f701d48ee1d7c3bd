"""The board of a search in a notebook: one output that is replaced as the search goes on.

It is HTML and not a widget, so the notebook keeps it when it is saved, executed in a batch or
turned into a page.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.progress.words import count_text, facts, leader_rows

if TYPE_CHECKING:
    from hyprl_lab.types import Leader, Progress

__all__ = ["NotebookPane"]

_BOX: Final = "font-family:var(--jp-ui-font-family,sans-serif);font-size:13px;max-width:640px"
_TRACK: Final = (
    "height:8px;border-radius:4px;overflow:hidden;margin:4px 0;background:rgba(128,128,128,.25)"
)
_FILL: Final = "height:100%;background:var(--jp-brand-color1,#1976d2)"
_TABLE: Final = (
    "border-collapse:collapse;margin-top:6px;color:inherit;font-size:inherit;"
    "font-variant-numeric:tabular-nums"
)
_CELL: Final = "text-align:right;padding:2px 10px 2px 0;border:0;background:none;color:inherit"
_HEAD: Final = f"{_CELL};border-bottom:1px solid rgba(128,128,128,.4)"


class NotebookPane:
    """An output of the cell that is running.

    Parameters
    ----------
    title
        Shown before the count.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._handle: Any = None

    def draw(self, step: Progress) -> None:
        """Show a step in place of the one before."""
        shown = {"text/html": _html(self._title, step), "text/plain": _text(self._title, step)}
        if self._handle is None:
            from IPython.display import DisplayHandle

            self._handle = DisplayHandle()  # type: ignore[no-untyped-call]  # it has none
            self._handle.display(shown, raw=True)
        else:
            self._handle.update(shown, raw=True)

    def close(self) -> None:
        """Leave the last step where it stands."""


def _text(title: str, step: Progress) -> str:
    return "\n".join([f"{title}: {count_text(step)}", ", ".join(facts(step))])


def _html(title: str, step: Progress) -> str:
    share = 100 * step.done / step.total if step.total else 100.0
    return (
        f'<div style="{_BOX}"><b>{escape(title)}</b> {escape(count_text(step))}'
        f'<div style="{_TRACK}"><div style="{_FILL};width:{share:.2f}%"></div></div>'
        f"<div>{escape(' · '.join(facts(step)))}</div>"
        f"{_leaderboard(step.leaders) if step.leaders else ''}</div>"
    )


def _leaderboard(leaders: tuple[Leader, ...]) -> str:
    heads, rows = leader_rows(leaders)
    top = "".join(f'<th style="{_HEAD}">{escape(head)}</th>' for head in heads)
    body = "".join(
        '<tr style="background:none">'
        + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in row)
        + "</tr>"
        for row in rows
    )
    return f'<table style="{_TABLE}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
