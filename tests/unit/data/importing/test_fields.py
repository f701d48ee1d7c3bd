from __future__ import annotations

import pytest

from hyprl_lab.data.importing.fields import read_fields, split_line
from hyprl_lab.data.importing.lines import line_blocks


def read(content: bytes, *, delimiter: str = ",", width: int = 3, header=None, numbers=(1, 2)):
    pieces = iter([content, b""])
    block = next(line_blocks(lambda: next(pieces)))
    return read_fields(
        block,
        first_row=10,
        delimiter=delimiter,
        width=width,
        numbers=numbers,
        texts={0},
        header=header,
    )


def told(block) -> list[tuple[list[int], int, str]]:
    return [(bad.rows.tolist(), bad.line, bad.kind) for bad in block.bad]


def test_plain_rows_come_as_text_and_numbers():
    block = read(b"a,1.5,2\nb,.,-3\n")
    assert block.rows.tolist() == [10, 11]
    assert block.lines.tolist() == [1, 2]
    assert block.cells[0].to_pylist() == ["a", "b"]
    assert block.cells[1].to_pylist() == [1.5, None]
    assert str(block.cells[2].type) == "double"


def test_one_cell_that_is_no_number_leaves_all_as_text():
    block = read(b"a,1.5,2\nb,x,-3\n")
    assert block.cells[1].to_pylist() == ["1.5", "x"]


@pytest.mark.parametrize("last", [b"\n", b"\r\n"])
def test_too_few_and_too_many_fields_are_told_with_their_line(last):
    block = read(b"a,1,2\n\nb,1\nc,1,2,3\nd,1,2" + last)
    assert block.cells[0].to_pylist() == ["a", "d"]
    assert told(block) == [([11, 12], 3, "unreadable_row")]
    assert block.bad[0].found == "2 fields: 'b,1'"
    assert block.bad[0].expected == "3 fields, as in the first line"


def test_merge_markers_have_a_kind_of_their_own():
    block = read(b"<<<<<<< HEAD\na,1,2\n=======\nb,1,2\n>>>>>>> x\n=x,1,2\n<<<<<<<,1,2\n")
    assert told(block) == [([10, 12, 14], 1, "merge_conflict")]
    assert block.cells[0].to_pylist() == ["a", "b", "=x", "<<<<<<<"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"a,\x00,2", "a NUL byte"),
        (b"a,\xe9,2", "the byte 0xe9, which is not UTF-8"),
        (b"a,1\r,2", "a line break inside the line"),
        (b'a,"1,2', "a quote that is not closed"),
        (b'"a"b,1,2', "a quote that is not closed where it should be"),
        (b"name,x,y", "the names of the columns again"),
        (b'"name", x,"y"', "the names of the columns again"),
    ],
)
def test_a_line_that_is_no_row_says_why(line, found):
    block = read(b"a,1,2\n" + line + b"\nb,1,2\n", header=["name", "x", "y"])
    assert block.cells[0].to_pylist() == ["a", "b"]
    assert found in block.bad[0].found
    assert block.bad[0].line == 2


def test_quotes_hold_delimiters_and_quotes_but_no_line_breaks():
    block = read(b'"a,b","1","2"\n"say ""x""",1,2\n"c\nd",1,2\n')
    assert block.cells[0].to_pylist() == ["a,b", 'say "x"']
    assert told(block) == [([12, 13], 3, "unreadable_row")]


def test_quotes_around_all_fields_are_taken_off_at_once():
    block = read(b'"a","1","2"\r\n"b","3","4"\r\n')
    assert str(block.cells[1].type) == "double"
    assert block.cells[2].to_pylist() == [2.0, 4.0]


def test_text_of_other_alphabets_is_kept():
    assert read("é,1,2\n".encode()).cells[0].to_pylist() == ["é"]


def test_carriage_returns_alone_end_rows():
    block = read(b"a,1,2\rb,3,4\r")
    assert block.cells[1].to_pylist() == [1.0, 3.0]
    assert read(b"a,1,2\r").cells[1].to_pylist() == [1.0]


def test_a_block_of_nothing_but_bad_lines_has_no_rows():
    block = read(b"a\nb\n")
    assert block.rows.size == 0
    assert len(block.cells[0]) == 0
    assert told(block) == [([10, 11], 1, "unreadable_row")]


def test_lines_of_one_kind_are_told_together_whatever_is_wrong_with_each():
    block = read(b'a,"1,2\n\xff\n' + b"x\n" * 9_999 + b"=======\nb,1,2\n")
    one, other = sorted(block.bad, key=lambda bad: bad.kind, reverse=True)
    assert (one.kind, one.line, one.rows.tolist()) == ("unreadable_row", 1, [*range(10, 10_011)])
    assert one.found.startswith("a quote that is not closed")
    assert (other.kind, other.line, other.rows.tolist()) == ("merge_conflict", 10_002, [10_011])
    assert block.rows.tolist() == [10_012]


@pytest.mark.parametrize("word", [b"-nan", b"+nan", b"nan(1)", b"NaN(ind)"])
@pytest.mark.parametrize("other", [b"1", b"x"])
def test_what_is_neither_missing_nor_a_number_stays_text_whatever_is_beside_it(word, other):
    block = read(b"a," + word + b",2\nb," + other + b",2\n")
    assert block.cells[1].to_pylist() == [word.decode(), other.decode()]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters(delimiter):
    line = delimiter.join(["a", "1", "2"]).encode()
    assert read(line + b"\n", delimiter=delimiter).cells[2].to_pylist() == [2.0]


def test_split_line_doubles_no_quote():
    assert split_line('"a""b",c', ",") == ['a"b', "c"]
    assert split_line("", ",") == [""]
    assert split_line('x,"' + "y" * 200_000 + '"', ",") is None
