from __future__ import annotations

import pytest

from hyprl_lab.data.importing.lines import line_blocks
from hyprl_lab.data.importing.sniff import looks_like_factors, sniff
from hyprl_lab.errors import BarsError

HEADER = "date,open,high,low,close"
ROW = "2024-01-02,1,2,1,2"


def layout(text: str):
    pieces = iter([(text + "\n").encode(), b""])
    return sniff(next(line_blocks(lambda: next(pieces))))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter):
    found = layout(f"{HEADER}\n{ROW}\n{ROW}".replace(",", delimiter))
    assert (found.delimiter, found.width, len(found.sample)) == (delimiter, 5, 2)
    assert found.header == HEADER.split(",")


def test_a_few_odd_lines_change_nothing():
    found = layout("\n".join([HEADER, "<<<<<<< a", ROW, "x;y;z", HEADER, ROW, ROW + "\0", "a,b"]))
    assert (found.delimiter, len(found.sample)) == (",", 2)


@pytest.mark.parametrize(
    ("first", "has_header"),
    [
        (HEADER, True),
        ('"Date", "Open","High","Low","Close"', True),
        ("date,open,high,low,close,10,20", True),
        (ROW, False),
        ("20240102,.,.,.,.", False),
        ("x,1,2,3,4", False),
    ],
)
def test_a_first_line_of_names_is_told_from_data(first, has_header):
    assert (layout(first).header is not None) is has_header


def test_a_delimiter_that_the_first_line_lacks_does_not_fit():
    found = layout("date;open;high;low;close\n2024-01-02;1,5;2,5;1,5;2,5")
    assert (found.delimiter, found.sample[0][1]) == (";", "1,5")


def test_of_two_delimiters_that_fit_the_one_with_the_names_is_taken():
    row = "2024-01-02;a,1,2,1,2"
    assert layout(f"date;x,open,high,low,close\n{row}\n{row}").delimiter == ","


def test_delimiters_that_fit_alike_are_refused():
    with pytest.raises(BarsError, match="comma and semicolon fit alike"):
        layout("2024-01-02;1,5;2,5;1,5;2,5\n2024-01-03;1,5;2,5;1,5;2,5")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello\nworld", "line 1: found 'hello'; expected names with commas"),
        ('"a,b\nc,d', "line 1: found '\"a,b'"),
        ("<<<<<<< ours\n" + HEADER, "merge-conflict marker '<<<<<<< ours' before any names"),
        ("date,\0open", "found binary content"),
    ],
)
def test_what_is_no_table_is_refused(text, message):
    with pytest.raises(BarsError, match=message):
        layout(text)


def test_bytes_that_are_not_utf8_are_refused():
    pieces = iter([b"d\xe9te,open\n1,2\n", b""])
    with pytest.raises(BarsError, match="line 1: found the byte 0xe9, which is not UTF-8"):
        sniff(next(line_blocks(lambda: next(pieces))))


def test_factor_files_are_known():
    rows = "19980102,0.65,1,100\n19980319,0.7,1,109.34\n20501231,1,1,0"
    assert looks_like_factors(layout(rows))
    assert not looks_like_factors(layout(rows.replace("0.7", "109.1")))
    assert not looks_like_factors(layout("date,factor,split,price\n" + rows))
