"""What is between the fields of a CSV file, and whether its first line is one of names."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hyprl_lab.data.checks import PRICES
from hyprl_lab.data.importing.fields import split_line
from hyprl_lab.data.importing.numbers import is_missing, is_number
from hyprl_lab.data.importing.shapes import family_of
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.data.importing.lines import LineBlock

__all__ = ["DELIMITERS", "Layout", "looks_like_factors", "sniff"]

DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_NUMBERED: Final = re.compile(r"[0-9]+[.)] +")
_SAMPLE_LINES: Final = 200
_LEAST_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Layout:
    """How a CSV file is written.

    Parameters
    ----------
    delimiter
        One of `DELIMITERS`.
    width
        Fields a line.
    header
        The names, `None` where the first line is data.
    sample
        The first rows of data, those of `width` fields.
    first_line
        The number of the line that was taken for the names, or of the first row.
    """

    delimiter: str
    width: int
    header: list[str] | None
    sample: list[list[str]]
    first_line: int


def sniff(block: LineBlock) -> Layout:
    r"""Return how a file is written, from its first 200 lines.

    A delimiter fits where most lines have as many fields as the first one, two or more. Of several
    that do, the one that most lines speak for is taken, or the only one whose first line names
    prices.

    Parameters
    ----------
    block
        The beginning of the file.

    Raises
    ------
    BarsError
        No delimiter fits, or two fit alike; the first line is binary or not UTF-8.

    Examples
    --------
    >>> from hyprl_lab.data.importing.lines import line_blocks
    >>> pieces = iter([b"date;close\n2024-01-02;1.5\n", b""])
    >>> layout = sniff(next(line_blocks(lambda: next(pieces))))
    >>> layout.delimiter, layout.header, layout.sample
    (';', ['date', 'close'], [['2024-01-02', '1.5']])
    """
    number = int(block.numbers[0])
    first = _first_line(block, number)
    lines = [first]
    lines += [
        block.line(place).decode(errors="replace")
        for place in range(1, min(_SAMPLE_LINES, len(block)))
    ]
    tables = {mark: [split_line(line, mark) for line in lines] for mark in DELIMITERS}
    shares = {mark: _share(table) for mark, table in tables.items()}
    best = max(shares.values())
    titles = _line_of_names(tables)
    if best < _LEAST_SHARE:
        if titles:
            raise _titled(block, titles, first)
        _refuse_other_width(tables, number)
        raise BarsError(
            f"line {number}: found {first[:80]!r}; expected names with commas, semicolons, tabs or "
            "bars between them: a time and open, high, low, close; and as many fields in most "
            "lines as there are names"
        )
    fitting = [mark for mark, share in shares.items() if share == best]
    if len(fitting) > 1:
        naming = [mark for mark in fitting if _names_prices(tables[mark][0] or [])]
        if len(naming) != 1:
            told = " and ".join(DELIMITERS[mark] for mark in fitting)
            raise BarsError(
                f"line {number}: found {first[:80]!r}, where {told} fit alike; expected one "
                "delimiter. Write the file with one of them alone, and with decimal points"
            )
        fitting = naming
    layout = _layout(fitting[0], tables[fitting[0]], number)
    if titles and layout.header is not None and not _names_prices(layout.header):
        raise _titled(block, titles, first)
    return layout


def _line_of_names(tables: dict[str, list[list[str] | None]]) -> int:
    """Return the place of the first line that names prices, 0 where none after the first does."""
    places = [
        place
        for table in tables.values()
        for place, cells in enumerate(table)
        if place and cells is not None and _names_prices(cells)
    ]
    return min(places, default=0)


def _titled(block: LineBlock, place: int, first: str) -> BarsError:
    number, names = int(block.numbers[place]), block.line(place).decode(errors="replace")
    return BarsError(
        f"line {int(block.numbers[0])}: found {first[:80]!r}, while line {number} looks like the "
        f"names of the columns: {names[:80]!r}; expected these first. Pass skip={number - 1}"
    )


def _refuse_other_width(tables: dict[str, list[list[str] | None]], number: int) -> None:
    """Refuse names that are one less or one more than the fields of the lines after them."""
    for mark, table in tables.items():
        names, rows = table[0] or [], [row for row in table[1:] if row is not None]
        counted = Counter(len(row) for row in rows).most_common(1)
        if len(names) < 2 or not counted or abs(counted[0][0] - len(names)) != 1:
            continue
        width, times = counted[0]
        if 2 * times >= len(table):
            place = next(p for p, row in enumerate(table) if p and row and len(row) == width)
            empty = all(not row[-1].strip() for row in rows if len(row) == width)
            more = (
                f"The rows end with a {DELIMITERS[mark]}: end the first line with one too"
                if width > len(names) and empty
                else "Give each column one name in the first line, or pass over it and state them: "
                f"skip={number}, columns=[…] of {width} names, None for one to leave out"
            )
            raise BarsError(
                f"line {number}: found {len(names)} names and {width} fields in {times} of the "
                f"{len(table) - 1} lines after it, the first of them {place} below; expected as "
                f"many fields as names. {more}"
            )


def _layout(delimiter: str, table: list[list[str] | None], number: int) -> Layout:
    cells = table[0] or []
    has_header = _names_prices(cells) or not any(
        is_number(cell) or family_of(cell.strip()) for cell in cells
    )
    rows = table[1:] if has_header else table
    header = [cell.strip() for cell in cells] if has_header else None
    sample = [
        row
        for row in rows
        if row is not None
        and len(row) == len(cells)
        and [cell.strip() for cell in row] != header
        and not any("\0" in cell or "\ufffd" in cell for cell in row)
    ]
    return Layout(delimiter, len(cells), header, sample, number)


def _first_line(block: LineBlock, number: int) -> str:
    line = block.line(0)
    if b"\0" in line:
        raise BarsError("found binary content; expected CSV or Parquet. Export it as one of them")
    if line[:7] in (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>"):
        raise BarsError(
            f"line {number}: found the merge-conflict marker {line[:40].decode(errors='replace')!r}"
            " before any names; expected the names of the columns. Resolve the merge in the file"
        )
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise BarsError(
            f"line {number}: found the byte 0x{line[error.start]:02x}, which is not UTF-8; "
            "expected CSV in UTF-8, or Parquet. Save the file as UTF-8"
        ) from error
    if "\r" in text:
        raise BarsError(
            f"line {number}: found a line break inside the line; expected one way to end lines"
        )
    return text


def _share(table: list[list[str] | None]) -> float:
    """Return the part of lines that have as many fields as the first, 0 where that has one."""
    first = table[0]
    if first is None or len(first) < 2:
        return 0.0
    widths = Counter(len(row) for row in table if row is not None)
    return widths[len(first)] / len(table)


def _names_prices(cells: list[str]) -> bool:
    plain = {_NUMBERED.sub("", cell.strip().strip("<>").lower()) for cell in cells}
    return set(PRICES) <= plain


def looks_like_factors(layout: Layout) -> bool:
    """Whether a file without names holds dates and factors to adjust prices with.

    So are LEAN's factor files: the date as eight digits, the factor of prices and that of splits,
    the first at most 1, and a price to refer to.

    Examples
    --------
    >>> looks_like_factors(Layout(",", 4, None, [["19980102", "0.65", "1", "109.3"]] * 3, 1))
    True
    """
    if layout.header is not None or layout.width not in (3, 4) or not layout.sample:
        return False
    return all(
        len(row[0].strip()) == 8
        and family_of(row[0].strip()) == "year_first"
        and not any(is_missing(cell) or not is_number(cell) for cell in row[1:])
        and 0.0 < float(row[1]) <= 1.0
        for row in layout.sample
    )
