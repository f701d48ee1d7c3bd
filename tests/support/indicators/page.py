"""The table of largest differences in docs/indicators.md.

`PYTHONPATH=tests/support .venv/bin/python -m indicators.page` writes it anew; it needs every set of
../shared/data, so that no column is lost where one is not there.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from indicators import PANEL, ROWS, SHIPPED, STORED, differences, panel, shipped, stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from indicators import RealBars, Row

ROOT: Final = Path(__file__).resolve().parents[3]
PAGE: Final = ROOT / "docs" / "indicators.md"
SHARED: Final = ROOT.parent / "shared" / "data"

BEGIN: Final = "<!-- differences: begin -->\n"
END: Final = "<!-- differences: end -->"
NO_VOLUME: Final = "–"  # noqa: RUF001 -- a dash stands for nothing

INTRODUCTION: Final = """\
Native engine, four or five trials a line with windows from 2 to 200 bars, on every bar of each \
set; *loop* is a reading of the definition in NumPy or pandas, where TA-Lib has none; a dash is a \
set without volume. All stay within 10⁻⁹, but for three that lose digits by what they are and are \
held to 2·10⁻⁸: `zscore` and `bbands.percent` over two bars, and `adosc`, a small difference \
between averages of a line of 10¹² (TA-Lib's build fuses multiplication and addition in these \
averages, its source rounds them one by one: so worked out, the difference is 0).

"""

HEADINGS: Final = {
    **{name: name for name in SHIPPED},
    **{name: name.replace("_", " ") for name in STORED},
    PANEL: "30 shares 1d",
}
"""The columns: what each set is called on the page."""

Written = dict[str, dict[str, str]]
"""A cell by line and set."""


def cell(row: Row, sets: Iterable[RealBars]) -> str:
    """The largest difference over all trials on some bars, one digit of it."""
    found = [apart for bars in sets for apart in differences(row, bars).values()]
    return number(max(found)) if found else NO_VOLUME


def number(apart: float) -> str:
    return f"{apart:.0e}".replace("e-0", "e-") if apart else "0"


def table(sets: Mapping[str, Callable[[], list[RealBars]]]) -> str:
    """The table as Markdown: a line an indicator, a column a set."""
    found: Written = {name: {} for name in ROWS}
    for label, read in sets.items():
        bars = read()
        for name, row in ROWS.items():
            found[name][label] = cell(row, bars)
    lines = [
        ["indicator", "by", *(HEADINGS[label] for label in sets)],
        ["---"] * (2 + len(sets)),
        *(
            [f"`{name}`", ROWS[name].by, *(cells[label] for label in sets)]
            for name, cells in found.items()
        ),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def everything() -> dict[str, Callable[[], list[RealBars]]]:
    """Every set there is, each read when it is its turn."""
    return {
        **{name: partial(_one, shipped, name) for name in SHIPPED},
        **{name: partial(_one, partial(stored, SHARED), name) for name in STORED},
        PANEL: partial(panel, SHARED),
    }


def _one(read: Callable[[str], RealBars], name: str) -> list[RealBars]:
    return [read(name)]


def committed() -> Written:
    """The table that stands on the page."""
    text = PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0]
    rows = [line for line in text.split("\n") if line.startswith("|")]
    head, _, *lines = ([cell.strip() for cell in row[1:-1].split("|")] for row in rows)
    labels = {heading: label for label, heading in HEADINGS.items()}
    found: Written = {}
    for name, by, *cells in lines:
        line = re.sub("`", "", name)
        pairs = zip((labels[heading] for heading in head[2:]), cells, strict=True)
        found[line] = {"by": by, **dict(pairs)}
    return found


def write() -> None:
    """Put a fresh table between the page's markers."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END, 1)[1]
    PAGE.write_text(
        before + BEGIN + INTRODUCTION + table(everything()) + END + after, encoding="utf-8"
    )


if __name__ == "__main__":
    write()
