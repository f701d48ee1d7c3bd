"""Canonical JSON and its hash."""

from __future__ import annotations

import hashlib

import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.hashing import canonical_json, digest


def test_keys_are_sorted_and_whole_floats_lose_their_point() -> None:
    assert canonical_json({"b": 1.0, "a": [None, True, 0.1, 1e21]}) == (
        b'{"a":[null,true,0.1,1e+21],"b":1}'
    )


def test_digest_is_sha256_of_the_canonical_form() -> None:
    assert digest({"b": 1, "a": [None]}) == hashlib.sha256(b'{"a":[null],"b":1}').hexdigest()


def test_text_is_utf8_and_numbers_have_one_form() -> None:
    text = b'{"a":1e+30,"b":[1,0.5,"\xc3\xa9"],"c":null}'
    assert canonical_json({"c": None, "b": [1.0, 0.5, "é"], "a": 1e30}) == text


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53, -(2**53), {1: 2}, {"a": object()}, "\ud800"]
)
def test_what_is_not_json_is_refused(value: object) -> None:
    for function in (canonical_json, digest):
        with pytest.raises(InputError, match="can't be written as JSON"):
            function(value)


def test_the_largest_integer_that_every_reader_keeps() -> None:
    assert canonical_json([2**53 - 1]) == b"[9007199254740991]"
