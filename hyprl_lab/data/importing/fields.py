"""Lines into fields: which lines are rows, and the text of each column."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.data.importing.numbers import MISSING, holds_nan

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from hyprl_lab.data.importing.lines import LineBlock
    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["Bad", "Block", "read_fields", "split_line"]

_QUOTE, _CR, _LF = 34, 13, 10
_KINDS: Final = ("", "unreadable_row", "merge_conflict")
_MARKERS: Final = (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")
_MARKER_LETTERS: Final = np.frombuffer(b"<|=>", dtype=np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Bad:
    """All lines of a block that are no rows of fields, for reasons of one kind.

    Parameters
    ----------
    kind
        Of `REPAIRS`.
    rows
        Their numbers, in order, at least one.
    line
        The line of the file that the first is on.
    found, expected
        The first, in words.
    """

    kind: str
    rows: IntArray
    line: int
    found: str
    expected: str


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows that follow each other, and what was found between them.

    Parameters
    ----------
    rows
        The number of each row, from 0, lines that are none counted too.
    lines
        The line of the file that each row is on; `None` where the file has no lines.
    cells
        By position in the file: text, or numbers already.
    bad
        Lines that are no rows, kind by kind.
    """

    rows: IntArray
    lines: IntArray | None
    cells: Mapping[int, Any]  # pyarrow arrays, which have no types
    bad: tuple[Bad, ...] = ()


def split_line(line: str, delimiter: str) -> list[str] | None:
    """Return the fields of a line, `None` where a quote is not closed or stands in a wrong place.

    Examples
    --------
    >>> split_line('1,"2,5",3', ","), split_line('1,"2', ",")
    (['1', '2,5', '3'], None)
    """
    if '"' not in line:
        return line.split(delimiter)
    if _quoting(delimiter).fullmatch(line) is None:
        return None
    try:
        rows = csv.reader([line], delimiter=delimiter, skipinitialspace=True, strict=True)
        return next(rows)
    except csv.Error:  # a field longer than the csv module reads
        return None


@lru_cache
def _quoting(delimiter: str) -> re.Pattern[str]:
    """Return what lines look like whose quotes are around whole fields."""
    field = rf'(?: *"[^"]*(?:""[^"]*)*"|[^"{delimiter}]*)'
    return re.compile(rf"{field}(?:[{delimiter}]{field})*")


def read_fields(
    block: LineBlock,
    *,
    first_row: int,
    delimiter: str,
    width: int,
    numbers: Collection[int],
    texts: Collection[int],
    header: list[str] | None,
) -> Block:
    """Return a block's rows; each line is a row or is told of in `bad`.

    A field may be in double quotes, and must end on its line.

    Parameters
    ----------
    block
        Lines of data.
    first_row
        The number of the first of them.
    delimiter, width
        What is between fields, and how many there are.
    numbers, texts
        The positions of columns wanted as numbers and as text. Numbers come as float64 where all
        of the block's can be read at once, else as text.
    header
        The names, which are no row where they are repeated.
    """
    splitter = _Splitter(block, first_row, delimiter, width)
    splitter.refuse_markers()
    splitter.refuse_bytes()
    splitter.refuse_counts()
    splitter.split_quoted()
    if header is not None:
        splitter.refuse_repeated(header)
    wanted = [*sorted({*numbers, *texts})]
    cells = splitter.cells(wanted, set(numbers) - set(texts))
    kept = np.flatnonzero(splitter.good)
    return Block(splitter.rows[kept], block.numbers[kept], cells, splitter.bad())


class _Splitter:
    """One block on its way from lines to fields."""

    def __init__(self, block: LineBlock, first_row: int, delimiter: str, width: int) -> None:
        self.block, self.delimiter, self.width = block, delimiter, width
        self.rows = np.arange(first_row, first_row + len(block))
        self.good = np.ones(len(block), dtype=np.bool_)
        self._codes = np.zeros(len(block), dtype=np.int8)  # of the kinds of those that are bad
        self._first: dict[str, tuple[int, str, str]] = {}
        self._buffer = np.frombuffer(block.data, dtype=np.uint8)
        self._cuts = np.flatnonzero(self._buffer == ord(delimiter))
        self._quoted = np.zeros(len(block), dtype=np.bool_)
        self._plain: bytes | None = None
        self._split: dict[int, list[str]] = {}

    def refuse(self, place: int, found: str, expected: str, kind: str = "unreadable_row") -> None:
        self.good[place] = False
        self._codes[place] = _KINDS.index(kind)
        if kind not in self._first or place < self._first[kind][0]:
            self._first[kind] = (place, found, expected)

    def bad(self) -> tuple[Bad, ...]:
        """Return what was refused, kind by kind."""
        return tuple(
            Bad(
                kind,
                self.rows[self._codes == _KINDS.index(kind)],
                int(self.block.numbers[place]),
                found,
                expected,
            )
            for kind, (place, found, expected) in self._first.items()
        )

    def refuse_markers(self) -> None:
        first = self._buffer[self.block.starts]
        for place in np.flatnonzero(np.isin(first, _MARKER_LETTERS)).tolist():
            line = self.block.line(place)
            if line[:7] in _MARKERS and line[7:8] in (b"", b" "):
                wanted = "a bar; who merged two versions of this file left both in it"
                found = f"the merge-conflict marker {_shown(line)}"
                self.refuse(place, found, wanted, "merge_conflict")

    def refuse_bytes(self) -> None:
        buffer = self._buffer
        for place in self._lines_with((buffer >= 128) | (buffer == 0)):
            why = _undecodable(self.block.line(place))
            if why is not None:
                self.refuse(place, why, "text in UTF-8. Save the file as UTF-8")
        inner = self._lines_with((buffer == _CR) | (buffer == _LF))
        for place in inner:
            found = f"a line break inside the line {_shown(self.block.line(place))}"
            self.refuse(place, found, "one row a line")
        marks = np.flatnonzero(buffer == _QUOTE)
        if marks.size:
            self._quoted[_lines_of(self.block, marks)] = True
            if not len(inner) and self._only_enclose(marks):
                self._quoted[:] = False
                self._plain = self._without_quotes()

    def refuse_counts(self) -> None:
        block = self.block
        fields = np.searchsorted(self._cuts, block.ends) + 1
        fields -= np.searchsorted(self._cuts, block.starts)
        wrong = self.good & ~self._quoted & (fields != self.width)
        places = np.flatnonzero(wrong)
        if places.size:  # a file may have millions of them, of which the first is told in words
            first = int(places[0])
            self.refuse(first, _counted(int(fields[first]), block.line(first)), self._wanted)
            self.good[places] = False
            self._codes[places] = self._codes[first]

    def split_quoted(self) -> None:
        for place in np.flatnonzero(self.good & self._quoted).tolist():
            line = self.block.line(place)
            parts = split_line(line.decode(), self.delimiter)
            if parts is None:
                found = f"a quote that is not closed where it should be: {_shown(line)}"
                self.refuse(place, found, "quotes around whole fields, closed on their line")
            elif len(parts) != self.width:
                self.refuse(place, _counted(len(parts), line), self._wanted)
            else:
                self._split[place] = parts

    def refuse_repeated(self, header: list[str]) -> None:
        # A name begins with a letter, a bar with its time: few lines have to be looked at.
        begin = (header[0].encode()[:1] or self.delimiter.encode())[0]
        first = self._buffer[self.block.starts]
        likely = np.isin(first, np.array([_QUOTE, ord(" "), begin], dtype=np.uint8))
        for place in np.flatnonzero(self.good & likely).tolist():
            parts = split_line(self.block.line(place).decode(), self.delimiter)
            if parts is not None and [part.strip() for part in parts] == header:
                self.refuse(place, "the names of the columns again", "a bar")

    def cells(self, wanted: list[int], numbers: set[int]) -> dict[int, Any]:
        import pyarrow as pa

        if self._split:
            table = [
                self._split.get(place) or self.block.line(place).decode().split(self.delimiter)
                for place in np.flatnonzero(self.good).tolist()
            ]
            return {place: pa.array([row[place] for row in table], pa.string()) for place in wanted}
        data = self._joined()
        types = {place: pa.float64() if place in numbers else pa.string() for place in wanted}
        try:
            cells = _arrow(data, self.delimiter, self.width, types)
            if not any(holds_nan(cells[place]) for place in numbers.intersection(wanted)):
                return cells
        except pa.ArrowInvalid:  # a cell that is no number: which one, is found out cell by cell
            pass
        return _arrow(data, self.delimiter, self.width, dict.fromkeys(wanted, pa.string()))

    @property
    def _wanted(self) -> str:
        return f"{self.width} fields, as in the first line"

    def _lines_with(self, special: BoolArray) -> list[int]:
        """Return the lines that hold such a byte and are good so far."""
        found = _lines_of(self.block, np.flatnonzero(special))
        kept: list[int] = found[self.good[found]].tolist()
        return kept

    def _joined(self) -> bytes:
        """Return the good lines alone, each with its end."""
        kept = np.flatnonzero(self.good).tolist()
        whole = self.block.is_plain and len(kept) == len(self.block)
        if self._plain is not None and not whole:
            lines = self._plain.split(b"\n")
            return b"".join(lines[place] + b"\n" for place in kept)
        if whole:
            data = self.block.data if self._plain is None else self._plain
            return data if data.endswith(b"\n") else data + b"\n"
        return b"".join(self.block.line(place) + b"\n" for place in kept)

    def _without_quotes(self) -> bytes:
        """Return all lines without quotes, ended by LF, or by CR LF as they were."""
        if self.block.is_plain:
            return self.block.data.replace(b'"', b"")
        lines = (self.block.line(place) for place in range(len(self.block)))
        return b"\n".join(line.replace(b'"', b"") for line in lines)

    def _only_enclose(self, marks: IntArray) -> bool:
        """Whether all quotes enclose whole fields that have no delimiter in them."""
        if marks.size % 2:
            return False
        block, buffer, opens, closes = self.block, self._buffer, marks[::2], marks[1::2]
        mark = ord(self.delimiter)
        begins = (buffer[np.maximum(opens - 1, 0)] == mark) | np.isin(opens, block.starts)
        after = buffer[np.minimum(closes + 1, buffer.size - 1)]
        finishes = (after == mark) | np.isin(closes + 1, block.ends)
        whole = np.searchsorted(self._cuts, closes) == np.searchsorted(self._cuts, opens)
        line = np.searchsorted(block.starts, opens, side="right")
        whole &= line == np.searchsorted(block.starts, closes, side="right")
        return bool((begins & finishes & whole).all())


def _arrow(data: bytes, delimiter: str, width: int, types: Mapping[int, Any]) -> dict[int, Any]:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    if not data or not types:
        return {place: pa.array([], kind) for place, kind in types.items()}
    names = [str(place) for place in range(width)]
    table = arrow_csv.read_csv(
        pa.BufferReader(data),
        read_options=arrow_csv.ReadOptions(
            column_names=names, use_threads=False, block_size=len(data) + 1
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter, quote_char=False, ignore_empty_lines=False
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={names[place]: kind for place, kind in types.items()},
            include_columns=[names[place] for place in types],
            null_values=list(MISSING),
            strings_can_be_null=False,
            check_utf8=False,  # every line with a byte above 127 was decoded before
        ),
    )
    columns = {place: table.column(names[place]) for place in types}
    return {
        place: column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
        for place, column in columns.items()
    }


def _lines_of(block: LineBlock, places: IntArray) -> IntArray:
    """Return the lines that hold these bytes, each once; what ends a line belongs to none."""
    if places.size == 0 or len(block) == 0:
        return np.empty(0, dtype=np.int64)
    found = np.searchsorted(block.starts, places, side="right") - 1
    held = (found >= 0) & (places < block.ends[np.maximum(found, 0)])
    return np.unique(found[held])


def _undecodable(line: bytes) -> str | None:
    if b"\0" in line:
        return "a NUL byte"
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return f"the byte 0x{line[error.start]:02x}, which is not UTF-8"
    return None


def _counted(count: int, line: bytes) -> str:
    return f"{count} field{'' if count == 1 else 's'}: {_shown(line)}"


def _shown(line: bytes) -> str:
    text = line[:60].decode(errors="replace")
    return repr(text) + ("…" if len(line) > 60 else "")
