"""How bars show themselves, in a terminal and in a notebook, and tables there. NumPy alone."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.timeframe import stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.data.bars import Bars

__all__ = ["CELL", "html", "table", "text"]

CELL: Final = "padding:4px 10px 4px 0;border:0;background:none;color:inherit;vertical-align:top"
"""The style of a cell: text takes the colour of the page, light or dark."""

_EDGE: Final = 3
"""Rows shown at each end."""
_GAP: Final = -1
_ELLIPSIS: Final = "…"
_WHOLE: Final = (1e10, 1e18)
"""Between these a number is shown whole; beyond them by its power of ten."""


def text(bars: Bars) -> str:
    """Return the facts in one line each, and the first and last rows, for a terminal."""
    rows = _rows(bars)
    widths = [max(len(row[cell]) for row in rows) for cell in range(len(rows[0]))]
    lines = [
        "  ".join(value.rjust(width) for value, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join([f"Bars {_title(bars)}", *(f"  {fact}" for fact in _facts(bars)), *lines])


def html(bars: Bars) -> str:
    """Return the same as a fragment of HTML, every text escaped."""
    head, *rows = _rows(bars)
    facts = "<br>".join(escape(fact) for fact in _facts(bars))
    return (
        '<div class="hyprl-bars" style="font-size:13px;line-height:1.45">'
        f"<strong>Bars {escape(_title(bars))}</strong><br>{facts}{table(head, rows, left=1)}</div>"
    )


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, left: int) -> str:
    """Return a table in HTML, every text escaped; it reads on a light page and on a dark one.

    Parameters
    ----------
    head
        Names of the columns.
    rows
        Texts, as many a row as there are names.
    left
        So many columns begin at the left; those after them, numbers, end at the right.

    Examples
    --------
    >>> table(["a<b"], [["1"]], left=0).count("a&lt;b")
    1
    """
    styles = [
        f"{CELL};text-align:{'left' if place < left else 'right'};white-space:nowrap"
        for place in range(len(head))
    ]
    header = "".join(
        f'<th style="{style};font-weight:600">{escape(name)}</th>'
        for style, name in zip(styles, head, strict=True)
    )
    body = "".join(
        '<tr style="background:none;border-top:1px solid rgba(128,128,128,.35)">'
        + "".join(
            f'<td style="{style}">{escape(value)}</td>'
            for style, value in zip(styles, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        '<table style="border-collapse:collapse;margin-top:6px;font-size:13px">'
        f'<thead><tr style="background:none">{header}</tr></thead><tbody>{body}</tbody></table>'
    )


def _title(bars: Bars) -> str:
    origin = " (inferred)" if bars.calendar_inferred else ""
    return f"{bars.symbol} {bars.timeframe}, calendar {bars.calendar}{origin}"


def _facts(bars: Bars) -> list[str]:
    return [
        f"{len(bars):,} rows from {stamp(bars.ts[0])} to {stamp(bars.ts[-1])}",
        f"columns {', '.join(bars.columns)}",
        f"fingerprint {bars.fingerprint[:12]}",
    ]


def _rows(bars: Bars) -> list[list[str]]:
    count = len(bars)
    rows = list(range(count))
    if count > 2 * _EDGE:
        rows = [*range(_EDGE), _GAP, *range(count - _EDGE, count)]
    names = ["ts", *bars.columns]
    told = [names]
    for row in rows:
        if row == _GAP:
            told.append([_ELLIPSIS] * len(names))
        else:
            values = (float(column[row]) for column in bars.columns.values())
            told.append([stamp(bars.ts[row]), *map(_number, values)])
    return told


def _number(value: float) -> str:
    if np.isnan(value):
        return "missing"
    return f"{value:,.0f}" if _WHOLE[0] <= abs(value) < _WHOLE[1] else f"{value:,.10g}"
