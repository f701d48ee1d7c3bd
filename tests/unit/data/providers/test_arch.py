from __future__ import annotations

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.data.providers import Arch
from hyprl_lab.errors import BarsError


@pytest.mark.parametrize("name", ["sp500", "nasdaq"])
def test_load_bars_goes_through_it(name: str) -> None:
    bars = Arch().bars(name)
    assert bars == load_bars(name)
    assert bars.lineage == load_bars(name).lineage
    assert bars.lineage.to_json() == [
        {"operation": "load", "provider": "arch", "dataset": name, "version": "8.0.0"}
    ]


def test_a_part() -> None:
    year = Arch().bars("sp500", timeframe="1d", start="2008-01-01", end="2009-01-01")
    assert len(year) == 253  # NYSE sessions of 2008


def test_series_without_bars_are_not_offered() -> None:
    assert Arch().datasets() == ["nasdaq", "sp500"]
    with pytest.raises(BarsError, match=r"found 'vix'; expected one of \['nasdaq', 'sp500'\]"):
        Arch().bars("vix")
