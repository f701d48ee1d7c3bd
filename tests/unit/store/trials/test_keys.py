from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.hashing import canonical_json
from hyprl_lab.store import trial_key, trial_key_prefix
from hyprl_lab.store.trials.keys import trial_key_prefixes, trial_keys

if TYPE_CHECKING:
    from hyprl_lab.types import JsonValue


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


def test_prefixes_of_texts_are_those_of_settings() -> None:
    pairs: list[tuple[dict[str, JsonValue], dict[str, JsonValue]]] = [
        ({"fraction": part, "model": "fixed_fraction"}, {"fee_bps": fee, "session_cutoff": 'é"\\'})
        for part in (1e-7, 0.5)
        for fee in (0.0, 1e21)
    ]
    texts = [
        (canonical_json(risk).decode(), canonical_json(execution).decode())
        for risk, execution in pairs
    ]
    assert trial_key_prefixes('h"', texts, "r\n") == [
        trial_key_prefix('h"', risk, execution, "r\n") for risk, execution in pairs
    ]


@given(st.data())
def test_many_keys_are_those_of_one_at_a_time(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.text(max_size=4), unique=True, max_size=4))
    prefixes = data.draw(st.lists(st.binary(max_size=32), min_size=1, max_size=3))
    rows = data.draw(
        st.lists(st.tuples(*(st.floats(allow_nan=False) for _ in names)), min_size=1, max_size=5)
    )
    index = data.draw(
        st.lists(st.integers(0, len(prefixes) - 1), min_size=len(rows), max_size=len(rows))
    )
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(names))
    found = trial_keys(prefixes, np.array(index, np.uint32), names, values)
    assert found.shape == (len(rows), 16)
    assert found.dtype == np.uint8
    for key, place, row in zip(found, index, rows, strict=True):
        assert key.tobytes() == trial_key(prefixes[place], dict(zip(names, row, strict=True)))
