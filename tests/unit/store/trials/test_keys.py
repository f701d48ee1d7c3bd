from __future__ import annotations

import hashlib
import struct

from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.store import trial_key, trial_key_prefix


def test_the_prefix_is_the_hash_of_json() -> None:
    text = (
        '{"execution":{"fee_bps":2.5},"lineage_root":"r","risk":{"kind":"all_in"},'
        '"strategy_hash":"h"}'
    )
    found = trial_key_prefix("h", {"kind": "all_in"}, {"fee_bps": 2.5}, "r")
    assert found == hashlib.sha256(text.encode()).digest()


def test_the_bytes_that_are_hashed() -> None:
    prefix = bytes(range(32))
    hashed = (
        prefix
        + b"\x04\x00\x00\x00fast" + bytes.fromhex("0000000000001440")  # 5.0
        + b"\x04\x00\x00\x00slow" + bytes.fromhex("0000000000000000")  # from -0.0
    )  # fmt: skip
    assert trial_key(prefix, {"slow": -0.0, "fast": 5}) == hashlib.sha256(hashed).digest()[:16]


def test_names_sort_by_their_bytes() -> None:
    hashed = hashlib.sha256()
    for name in (b"Z", b"a", "é".encode()):
        hashed.update(struct.pack("<I", len(name)) + name + struct.pack("<d", 1.0))
    assert trial_key(b"", {"é": 1, "a": 1, "Z": 1}) == hashed.digest()[:16]


@given(st.dictionaries(st.text(max_size=4), st.floats(allow_nan=False), max_size=4), st.data())
def test_any_change_makes_another_key(params: dict[str, float], data: st.DataObject) -> None:
    name = data.draw(st.text(max_size=4).filter(lambda text: text not in params))
    assert trial_key(b"p", params) != trial_key(b"p", {**params, name: 0.0})
    assert trial_key(b"p", params) != trial_key(b"q", params)
