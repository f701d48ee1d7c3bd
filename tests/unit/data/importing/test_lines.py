from __future__ import annotations

from collections.abc import Callable

import pytest

from hyprl_lab.data.importing.lines import LINE_BYTES, line_blocks
from hyprl_lab.errors import BarsError


def reads(content: bytes, size: int) -> Callable[[], bytes]:
    pieces = iter([content[start : start + size] for start in range(0, len(content), size)])
    return lambda: next(pieces, b"")


def lines_of(content: bytes, size: int = 1 << 20) -> list[tuple[int, bytes]]:
    return [
        (int(block.numbers[place]), block.line(place))
        for block in line_blocks(reads(content, size))
        for place in range(len(block))
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_are_the_same_however_bytes_arrive(size):
    content = b"a,b\n1,2\r\n\r\r\n \t\n3,4\n5,6"
    # A line break of two bytes may be cut between blocks.
    assert lines_of(content, size) == [(1, b"a,b"), (2, b"1,2"), (5, b"3,4"), (6, b"5,6")]


def test_a_byte_order_mark_is_passed_over():
    assert lines_of(b"\xef\xbb\xbfa\nb\n") == [(1, b"a"), (2, b"b")]


def test_carriage_returns_alone_end_lines_where_no_line_feed_does():
    assert lines_of(b"a,b\r1,2\r3,4\r") == [(1, b"a,b"), (2, b"1,2"), (3, b"3,4")]
    assert lines_of(b"a,b\n1\r2\n") == [(1, b"a,b"), (2, b"1\r2")]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_what_ends_lines_is_told_once_one_has_ended(size):
    assert lines_of(b"long,header\r1,2\r", size) == [(1, b"long,header"), (2, b"1,2")]
    assert lines_of(b"long,header\r\n1,2\r\n", size) == [(1, b"long,header"), (2, b"1,2")]


def test_only_lines_that_are_all_there_is_make_a_plain_block():
    def plain(content: bytes) -> list[bool]:
        return [block.is_plain for block in line_blocks(reads(content, 100))]

    assert plain(b"a\r\nb\n") == [True]
    assert plain(b"a\n\nb\n") == [False]
    assert plain(b"a\rb\r") == [False]


def test_a_line_of_a_mebibyte_is_read_and_a_longer_one_refused_by_number():
    fits = b"x" * LINE_BYTES
    assert lines_of(b"a\n" + fits + b"\n")[1][1] == fits
    with pytest.raises(BarsError, match=r"line 3: found a line longer than 1 MiB"):
        lines_of(b"a\n\n" + fits + b"y\nb\n")


def test_a_line_without_end_is_refused_before_it_is_read_whole():
    served = 0

    def read() -> bytes:
        nonlocal served
        served += 1
        return b"a\n" if served == 1 else b"x" * (1 << 19)

    with pytest.raises(BarsError, match="line 2: found a line longer"):
        list(line_blocks(read))
    assert served < 6


def test_nothing_has_no_lines():
    assert lines_of(b"") == []
    assert lines_of(b"\n\n") == []
