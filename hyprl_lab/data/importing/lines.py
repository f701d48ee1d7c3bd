"""Lines of a text, block by block: where each begins and ends, and its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from hyprl_lab.types import IntArray

__all__ = ["LINE_BYTES", "LineBlock", "line_blocks"]

LINE_BYTES: Final = 1 << 20
"""A longer line is refused: no bar needs a mebibyte."""

_MARK: Final = b"\xef\xbb\xbf"
_LF, _CR = 10, 13
_SPACES: Final = np.frombuffer(b" \t\r\v\f", dtype=np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class LineBlock:
    """Whole lines that follow each other.

    Parameters
    ----------
    data
        Their bytes.
    starts, ends
        The first byte of each line, and the one after its last, without what ends a line.
    numbers
        The number of each line in the file, from 1. Blank lines are left out.
    is_plain
        Whether the data is these lines and nothing else, each ended by LF or CR LF, the last one
        perhaps by nothing.
    """

    data: bytes
    starts: IntArray
    ends: IntArray
    numbers: IntArray
    is_plain: bool

    def __len__(self) -> int:
        return int(self.starts.size)

    def line(self, place: int) -> bytes:
        """Return the bytes of one line."""
        return self.data[int(self.starts[place]) : int(self.ends[place])]

    def rest(self, first: int) -> LineBlock:
        """Return the block without its first lines."""
        starts, ends, numbers = self.starts[first:], self.ends[first:], self.numbers[first:]
        return LineBlock(self.data, starts, ends, numbers, is_plain=self.is_plain and first == 0)


def line_blocks(read: Callable[[], bytes]) -> Iterator[LineBlock]:
    r"""Yield the lines of a text.

    Lines end with LF or CR LF; with CR alone where the first block with a line has no LF. A byte
    order mark is passed over. A line of nothing but spaces and tabs is blank.

    Parameters
    ----------
    read
        Returns the next bytes, none at the end.

    Raises
    ------
    BarsError
        A line is longer than 1 MiB.

    Examples
    --------
    >>> pieces = iter([b"a,b\r\n1,", b"2\n\n3,4", b""])
    >>> [block.line(0) for block in line_blocks(lambda: next(pieces))]
    [b'a,b', b'1,2', b'3,4']
    """
    carried, number, newline, first = b"", 1, 0, True
    while True:
        piece = read()
        if first:
            piece, first = piece.removeprefix(_MARK), False
        data = carried + piece
        newline = newline or _ending(data)
        if piece:
            ending = bytes([newline or _LF])
            end = data.rfind(ending) + 1
            carried = data[end:]
            if len(carried) > LINE_BYTES:
                raise _too_long(number + data.count(ending, 0, end))
            data = data[:end]
        if data:
            block, number = _split(data, newline or _LF, number)
            if len(block):
                yield block
        if not piece:
            return


def _ending(data: bytes) -> int:
    """Return what ends lines, 0 while none has ended; a last CR may be half of CR LF."""
    if b"\n" in data:
        return _LF
    return _CR if b"\r" in data[:-1] else 0


def _split(data: bytes, newline: int, number: int) -> tuple[LineBlock, int]:
    buffer = np.frombuffer(data, dtype=np.uint8)
    breaks = np.flatnonzero(buffer == newline)
    ends = (
        breaks if breaks.size and breaks[-1] == buffer.size - 1 else np.append(breaks, buffer.size)
    )
    starts = np.concatenate([[0], ends[:-1] + 1])
    numbers = np.arange(number, number + starts.size)
    lengths = ends - starts
    if int(lengths.max()) > LINE_BYTES:
        raise _too_long(int(numbers[int(np.argmax(lengths > LINE_BYTES))]))
    if newline == _LF:
        ends = ends - ((lengths > 0) & (buffer[np.maximum(ends - 1, 0)] == _CR))
    there = ~_blank(buffer, starts, ends)
    is_plain = newline == _LF and bool(there.all())
    block = LineBlock(data, starts[there], ends[there], numbers[there], is_plain)
    return block, number + int(starts.size)


def _blank(buffer: NDArray[np.uint8], starts: IntArray, ends: IntArray) -> NDArray[np.bool_]:
    blank = ends <= starts
    first = buffer[np.minimum(starts, buffer.size - 1)]
    for place in np.flatnonzero(~blank & np.isin(first, _SPACES)):
        blank[place] = not buffer[starts[place] : ends[place]].tobytes().strip()
    return blank


def _too_long(number: int) -> BarsError:
    return BarsError(
        f"line {number}: found a line longer than {LINE_BYTES >> 20} MiB; expected one bar a line. "
        "Is the file text, and does each row end with a line break?"
    )
