"""Canonical JSON and its hash."""

from __future__ import annotations

import hashlib

from hyprl_lab.hashing import canonical_json, digest


def test_keys_are_sorted_and_whole_floats_lose_their_point() -> None:
    assert canonical_json({"b": 1.0, "a": [None, True, 0.1, 1e21]}) == (
        b'{"a":[null,true,0.1,1e+21],"b":1}'
    )


def test_digest_is_sha256_of_the_canonical_form() -> None:
    assert digest({"b": 1, "a": [None]}) == hashlib.sha256(b'{"a":[null],"b":1}').hexdigest()
