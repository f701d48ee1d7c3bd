from __future__ import annotations

import hashlib
import struct

import numpy as np

from hyprl_lab.data import Bars, fingerprint, load_bars
from hyprl_lab.data.fingerprint import canonical_floats

QUIET_NAN = bytes.fromhex("000000000000f87f")


def test_the_digest_is_the_one_the_docstring_describes():
    """The bytes are laid out by hand with `struct`, from the words of the docstring."""
    day = 86_400_000_000
    columns = {
        "open": np.array([1.0, 2.0]),
        "high": np.array([1.5, 2.5]),
        "low": np.array([0.5, 1.5]),
        "close": np.array([1.25, 2.25]),
        "rsi": np.array([-np.nan, -0.0]),
    }
    content = b'hyprl-bars/1\n[2,"open","high","low","close","rsi"]\n'
    content += struct.pack("<2q", 0, day)
    content += struct.pack("<8d", 1.0, 2.0, 1.5, 2.5, 0.5, 1.5, 1.25, 2.25)
    content += QUIET_NAN + bytes(8)
    bars = Bars("A", "1d", "24/7", np.array([0, day]), columns)
    assert bars.fingerprint == hashlib.sha256(content).hexdigest()


def test_every_nan_becomes_one_and_negative_zero_positive():
    payloads = np.array([0x7FF8_0000_0000_0001, 0xFFF8_0000_0000_0000], dtype=np.uint64)
    values = np.concatenate([payloads.view(np.float64), [-0.0, 0.0, 5e-324, -1.5]])
    expected = QUIET_NAN * 2 + struct.pack("<4d", 0.0, 0.0, 5e-324, -1.5)
    assert canonical_floats(values).tobytes() == expected
    assert np.signbit(values[2])  # the input is left alone


def test_long_series_are_hashed_piece_by_piece(monkeypatch):
    ts = np.arange(100) * 86_400_000_000
    columns = {"close": np.linspace(1.0, 2.0, 100), "rsi": np.linspace(0.0, 1.0, 200)[::2]}
    whole = fingerprint.fingerprint(ts, columns)
    for rows in (1, 7, 100):
        monkeypatch.setattr(fingerprint, "_PIECE_ROWS", rows)
        assert fingerprint.fingerprint(ts, columns) == whole


def test_lineage_tells_which_rows_were_taken():
    """Evenly spaced rows are told whole, others by the hash of their numbers."""
    bars = load_bars("TEST")
    told = [bars.at(np.array(rows)).lineage[-1].detail for rows in ([3, 5, 7], [4], [0, 1, 5])]
    assert dict(told[0]) == {"first": 3, "last": 7, "count": 3, "step": 2}
    assert dict(told[1]) == {"first": 4, "last": 4, "count": 1, "step": 1}
    assert dict(told[2]) == {
        "of": bars.fingerprint,
        "first": 0,
        "last": 5,
        "count": 3,
        "sha256": hashlib.sha256(struct.pack("<3q", 0, 1, 5)).hexdigest(),
    }
    other = bars.at(np.array([0, 2, 5])).lineage[-1].detail
    assert other["sha256"] != told[2]["sha256"]
