from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from hyprl_lab.data import dataset_names, load_bars
from hyprl_lab.errors import BarsError


def test_names():
    assert dataset_names() == ["TEST", "nasdaq", "sp500"]
    for name in dataset_names():
        assert len(load_bars(name)) >= 500


@pytest.mark.parametrize("name", ["sp500", "nasdaq"])
def test_real_sets_hold_what_arch_loads(name):
    """Against the package's own loader."""
    from importlib import import_module

    df = import_module(f"arch.data.{name}").load()
    bars = load_bars(name)
    assert (bars.symbol, bars.timeframe, bars.calendar) == (name.upper(), "1d", "XNYS")
    assert not bars.calendar_inferred
    assert list(bars.columns) == ["open", "high", "low", "close", "volume", "adj_close"]
    assert np.array_equal(bars.ts, df.index.as_unit("us").asi8)
    for column, title in (("open", "Open"), ("low", "Low"), ("adj_close", "Adj Close")):
        assert np.array_equal(bars.columns[column], df[title].to_numpy(dtype=np.float64))


def test_the_same_object_each_time():
    assert load_bars("sp500") is load_bars("sp500")


def test_loading_imports_neither_arch_nor_pandas():
    code = (
        "import sys; from hyprl_lab.data import load_bars; load_bars('sp500').fingerprint; "
        "print(sorted({'arch', 'pandas', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_test_set_is_the_same_on_every_machine():
    """Recorded from this project's own first run; a change here is a change of data."""
    assert load_bars("TEST").fingerprint.startswith("788d05e7cdf94eff")


def test_an_unknown_name_lists_the_known():
    with pytest.raises(BarsError, match=r"found 'spx'; expected one of \['TEST', 'nasdaq'"):
        load_bars("spx")


def test_an_unknown_name_tells_how_kept_bars_come_back():
    with pytest.raises(BarsError, match=r"imported: hl\.warehouse\.get_bars\('ACME'\)"):
        load_bars("ACME")
