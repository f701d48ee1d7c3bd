from __future__ import annotations

import hashlib

import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.store.canonical import canonical_json, defined, digest


def test_names_are_sorted_and_numbers_have_one_form() -> None:
    text = b'{"a":1e+30,"b":[1,0.5,"\xc3\xa9"],"c":null}'
    assert canonical_json({"c": None, "b": [1.0, 0.5, "é"], "a": 1e30}) == text
    assert digest({"c": None, "b": [1, 0.5, "é"], "a": 1e30}) == hashlib.sha256(text).hexdigest()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**60, {1: 2}, {"a": object()}])
def test_what_is_not_json_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="can't be stored as JSON"):
        canonical_json(value)


def test_infinite_metrics_are_refused() -> None:
    with pytest.raises(InputError, match="metric calmar is inf"):
        defined({"calmar": float("inf")})
