"""How bars show themselves, in a terminal and in a notebook. NumPy alone."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.timeframe import stamp

if TYPE_CHECKING:
    from hyprl_lab.data.bars import Bars

__all__ = ["html", "text"]

_EDGE: Final = 3
"""Rows shown at each end."""
_GAP: Final = -1
_ELLIPSIS: Final = "…"


def text(bars: Bars) -> str:
    """Return the facts in one line each, and the first and last rows, for a terminal."""
    table = _table(bars)
    widths = [max(len(row[cell]) for row in table) for cell in range(len(table[0]))]
    lines = [
        "  ".join(value.rjust(width) for value, width in zip(row, widths, strict=True))
        for row in table
    ]
    return "\n".join([f"Bars {_title(bars)}", *(f"  {fact}" for fact in _facts(bars)), *lines])


def html(bars: Bars) -> str:
    """Return the same as a fragment of HTML, every text escaped."""
    head, *rows = _table(bars)
    header = "".join(f'<th style="text-align:right">{escape(name)}</th>' for name in head)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align:right">{escape(v)}</td>' for v in row) + "</tr>"
        for row in rows
    )
    facts = "<br>".join(escape(fact) for fact in _facts(bars))
    return (
        f'<div class="hyprl-bars"><strong>Bars {escape(_title(bars))}</strong><br>{facts}'
        f"<table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div>"
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


def _table(bars: Bars) -> list[list[str]]:
    count = len(bars)
    rows = list(range(count))
    if count > 2 * _EDGE:
        rows = [*range(_EDGE), _GAP, *range(count - _EDGE, count)]
    names = ["ts", *bars.columns]
    table = [names]
    for row in rows:
        if row == _GAP:
            table.append([_ELLIPSIS] * len(names))
        else:
            values = (float(column[row]) for column in bars.columns.values())
            table.append([stamp(bars.ts[row]), *map(_number, values)])
    return table


def _number(value: float) -> str:
    return "missing" if np.isnan(value) else f"{value:,.10g}"
