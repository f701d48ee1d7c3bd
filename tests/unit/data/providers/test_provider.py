from __future__ import annotations

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.data.providers.provider import part_of, unknown_dataset
from hyprl_lab.errors import BarsError


def test_a_part_is_cut_as_by_slice() -> None:
    bars = load_bars("TEST")
    assert part_of(bars, timeframe=None, start=None, end=None) is bars
    assert part_of(bars, timeframe="24h", start=None, end=None) is bars
    cut = part_of(bars, timeframe="1d", start="2020-02-01", end="2020-03-01")
    assert cut == bars.slice("2020-02-01", "2020-03-01")
    with pytest.raises(BarsError, match="found no bar"):
        part_of(bars, timeframe=None, start="2030-01-01", end=None)


def test_another_timeframe_is_not_made_unasked() -> None:
    with pytest.raises(BarsError, match=r"expected '1d', which TEST comes in.*resample\('1w'\)"):
        part_of(load_bars("TEST"), timeframe="1w", start=None, end=None)


def test_an_unknown_data_set_lists_what_there_is() -> None:
    assert "found 'x'; expected one of ['a']" in str(unknown_dataset("p", "x", ["a"]))
