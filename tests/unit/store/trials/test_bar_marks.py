from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.data import Bars
from hyprl_lab.store.trials.bar_marks import LEAST, MOST, BarMarks

STEP = 3_600_000_000
WORD = (1 << 64) - 1


def market(rows: int, seed: int = 0) -> Bars:
    rng = np.random.default_rng(seed)
    close = 100 + rng.normal(size=rows).cumsum() * 0.01
    columns = {"open": close - 0.1, "high": close + 1, "low": close - 1, "close": close}
    return Bars("A", "1h", "24/7", np.arange(rows) * STEP, columns)


def cut(bars: Bars, first: int, stop: int) -> Bars:
    columns = {name: values[first:stop] for name, values in bars.columns.items()}
    return Bars("B", "1h", "24/7", bars.ts[first:stop], columns)


def mixed(value: int) -> int:
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & WORD
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & WORD
    return value ^ (value >> 31)


def test_marks_are_what_the_docstring_says() -> None:
    import hashlib
    import struct

    bars = market(1_300)  # m is 4
    expected = {}
    name = int.from_bytes(hashlib.sha256(b"1h").digest()[:8], "little")
    for row, ts in enumerate(bars.ts.tolist()):
        if mixed(ts) < 2**64 // 4:
            mark = mixed(ts ^ name)
            for column in ("open", "high", "low", "close"):
                mark = mixed(
                    mark ^ int.from_bytes(struct.pack("<d", bars.columns[column][row]), "little")
                )
            expected[ts] = mark >> 1
    found = BarMarks.of(bars)
    assert dict(zip(found.ts.tolist(), found.marks.tolist(), strict=True)) == expected
    hashes = [mixed(ts) for ts in found.ts.tolist()]
    assert hashes == sorted(hashes)


@pytest.mark.parametrize("rows", [1, 2, 511, 512, 513, 1_024, 1_025, 40_000])
def test_there_are_enough_and_not_too_many(rows: int) -> None:
    found = len(BarMarks.of(market(rows)).marks)
    assert min(rows, MOST) * 0.4 <= found <= MOST * 1.2


@given(st.integers(0, 4_000), st.integers(40, 5_000))
def test_a_cut_chooses_what_the_whole_chose_there(first: int, rows: int) -> None:
    whole = market(5_000)
    part = cut(whole, first, first + rows)
    inside = (BarMarks.of(whole).ts >= part.ts[0]) & (BarMarks.of(whole).ts <= part.ts[-1])
    held = set(BarMarks.of(whole).marks[inside].tolist())
    found = BarMarks.of(part).marks.tolist()
    assert held <= set(found)
    assert set(found[: len(held)]) == held  # they stand first


def test_cuts_of_some_hundred_bars_are_told() -> None:
    whole = BarMarks.of(market(5_000))
    for first in range(0, 4_800, 100):
        inside = (whole.ts >= first * STEP) & (whole.ts < (first + 200) * STEP)
        assert inside.sum() >= LEAST


def test_other_prices_times_and_timeframes_have_other_marks() -> None:
    bars = market(500)
    marks = set(BarMarks.of(bars).marks.tolist())
    assert len(marks) == 500
    assert marks.isdisjoint(BarMarks.of(market(500, seed=1)).marks.tolist())
    later = Bars("A", "1h", "24/7", bars.ts + STEP, bars.columns)
    assert marks.isdisjoint(BarMarks.of(later).marks.tolist())
    half = SimpleNamespace(timeframe="30m", ts=bars.ts, columns=bars.columns)
    assert marks.isdisjoint(BarMarks.of(half).marks.tolist())  # type: ignore[arg-type]
    assert all(0 <= mark < 2**63 for mark in marks)
