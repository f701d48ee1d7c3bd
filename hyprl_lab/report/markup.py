"""Tables as HTML: every text escaped, numbers aligned, one style."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["STYLE", "Column", "Markup", "Table"]

STYLE: Final = """<style>
table.lab-table { border-collapse: collapse; margin: 0 0 1.4em 0; width: 100%;
  font: 13px/1.45 Inter, "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: #1f2933;
  font-variant-numeric: tabular-nums; background: white; }
table.lab-table caption { text-align: left; font-weight: 600; font-size: 14px; padding: 0 0 6px 0;
  caption-side: top; color: #1f2933; }
table.lab-table th, table.lab-table td { padding: 5px 10px; border: 0;
  border-bottom: 1px solid #e4e7eb; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; white-space: normal; max-width: none; }
table.lab-table thead th { border-bottom: 2px solid #9aa5b1; color: #52606d; font-weight: 600;
  overflow-wrap: normal; vertical-align: bottom; }
table.lab-table tbody th { font-weight: 500; }
table.lab-table .number { text-align: right; white-space: nowrap; }
table.lab-table tr.group th { background: #f5f7fa; font-weight: 600; color: #3e4c59; }
table.lab-table .note { color: #52606d; }
table.lab-table .passed { color: #00664a; font-weight: 600; white-space: nowrap; }
table.lab-table .failed { color: #a84300; font-weight: 600; white-space: nowrap; }
@media print { table.lab-table tr { break-inside: avoid; } }
</style>
"""

CellKind = Literal["text", "number", "note", "verdict"]


@dataclass(frozen=True, slots=True)
class Markup:
    """A fragment of HTML whose texts are escaped already; notebooks show it."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, and what its cells hold.

    Parameters
    ----------
    title
        The heading.
    kind
        `"number"` aligns right, `"note"` is set in grey, `"verdict"` colours the words `passed`
        and `failed`.
    """

    title: str
    kind: CellKind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """A table that shows itself in a notebook, a report and a dashboard alike.

    Parameters
    ----------
    caption
        What the table holds, one line; `""` for none.
    columns
        One a column.
    rows
        Texts, one a column; a row of one text is a heading over the rows below it.

    Examples
    --------
    >>> table = Table("", (Column("name"), Column("value", "number")), (("a<b", "1"),))
    >>> '<th scope="row">a&lt;b</th><td class="number">1</td>' in table.to_html()
    True
    """

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]

    def to_html(self) -> str:
        """Return the table without its style sheet, which `STYLE` holds."""
        caption = f"<caption>{escape(self.caption)}</caption>" if self.caption else ""
        heads = "".join(
            f'<th scope="col"{_css(column, "")}>{escape(column.title)}</th>'
            for column in self.columns
        )
        head = f"<thead><tr>{heads}</tr></thead>" if any(c.title for c in self.columns) else ""
        body = "\n".join(self._row(row) for row in self.rows)
        return f'<table class="lab-table">{caption}{head}\n<tbody>\n{body}\n</tbody></table>'

    def _row(self, row: Sequence[str]) -> str:
        if len(row) == 1 and len(self.columns) > 1:
            heading = f'<th colspan="{len(self.columns)}" scope="rowgroup">{escape(row[0])}</th>'
            return f'<tr class="group">{heading}</tr>'
        cells = [f'<th scope="row">{escape(row[0])}</th>']
        for column, text in zip(self.columns[1:], row[1:], strict=True):
            cells.append(f"<td{_css(column, text)}>{escape(text)}</td>")
        return f"<tr>{''.join(cells)}</tr>"

    def _repr_html_(self) -> str:
        return STYLE + self.to_html()


def _css(column: Column, text: str) -> str:
    if column.kind == "verdict":
        return f' class="{text}"' if text in {"passed", "failed"} else ""
    return "" if column.kind == "text" else f' class="{column.kind}"'
