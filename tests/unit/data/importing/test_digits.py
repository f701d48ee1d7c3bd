from __future__ import annotations

import numpy as np
import pyarrow as pa

from hyprl_lab.data.importing.digits import LONGEST, groups_of_shape, letters_of, whole_number


def test_letters_of_a_slice_of_an_array():
    texts = pa.array(["skip", "12", "345", "", "x" * (LONGEST + 1)]).slice(1)
    letters, long = letters_of(texts)
    assert [bytes(row).rstrip(b"\0") for row in letters] == [b"12", b"345", b"", b""]
    assert long.tolist() == [False, False, False, True]


def test_texts_of_one_length():
    letters, long = letters_of(pa.array(["ab", "12"]).slice(1))
    assert letters.tolist() == [[49, 50]]
    assert not long.any()
    assert letters_of(pa.array(["", ""]))[0].shape == (2, 1)


def test_more_shapes_than_are_common_are_all_found():
    texts = [letter * length + "1" for letter in "abcdefgh" for length in range(1, 6)] * 2
    letters, _ = letters_of(pa.array(texts))
    found = {shape: rows.tolist() for shape, rows in groups_of_shape(letters)}
    assert found == {
        text.replace("1", "0"): [place, place + 40] for place, text in enumerate(texts[:40])
    }


def test_whole_numbers():
    letters = np.frombuffer(b"a007b999999999999999999", dtype=np.uint8).reshape(1, -1)
    assert whole_number(letters, 1, 4).tolist() == [7]
    assert whole_number(letters, 5, 23).tolist() == [999_999_999_999_999_999]
    assert whole_number(letters, 2, 2).tolist() == [0]
