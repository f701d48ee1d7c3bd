from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

import hyprl_lab as hl
from hyprl_lab.data.providers import Skfolio
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def package(root: Path) -> Path:
    """The package, which `make setup` unpacks to be read as data."""
    folder = root / ".oracle" / "skfolio"
    if not folder.is_dir():
        pytest.fail(f"{folder} is missing; `make setup` unpacks it")
    return folder


def test_nothing_is_invented_unasked() -> None:
    with pytest.raises(BarsError, match=r"closes alone of AAPL.*closes_as_bars=True"):
        hl.providers.get("skfolio").bars("AAPL")
    with pytest.raises(BarsError, match="expected one of"):
        Skfolio(closes_as_bars=True).bars("TSLA")


def test_closes_become_flat_bars_that_say_so(package: Path) -> None:
    stocks = Skfolio(closes_as_bars=True, folder=package)
    assert len(stocks.datasets()) == 20
    for name in stocks.datasets():
        bars = stocks.bars(name)
        assert (bars.symbol, bars.timeframe, bars.calendar, len(bars)) == (name, "1d", "XNYS", 8313)
    apple = stocks.bars("AAPL")
    assert str(apple.ts[0].astype("M8[us]"))[:10] == "1990-01-02"
    assert str(apple.ts[-1].astype("M8[us]"))[:10] == "2022-12-28"
    assert (apple.close[0], apple.close[1], apple.close[-1]) == (0.264, 0.266, 125.674)
    for column in (apple.open, apple.high, apple.low):
        assert (column == apple.close).all()
    assert "volume" not in apple.columns
    assert "open, high and low are the close" in str(apple.lineage.steps[0])
    assert len(stocks.bars("AAPL", start="2008-01-01", end="2009-01-01")) == 253


def test_a_package_of_the_same_shape(tmp_path: Path) -> None:
    folder = tmp_path / "datasets" / "data"
    folder.mkdir(parents=True)
    with gzip.open(folder / "sp500_dataset.csv.gz", "wt") as stream:
        stream.write("Date,AMD,AAPL\n1990-01-02,4.125,0.264\n1990-01-03,4.0,0.266\n")
    bars = Skfolio(closes_as_bars=True, folder=tmp_path).bars("AAPL")
    assert bars.close.tolist() == [0.264, 0.266]
    assert bars.quality().by_kind("flat_bar") is not None


def test_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    from hyprl_lab.data.providers import packaged

    monkeypatch.setattr(packaged, "find_spec", lambda _: None)
    with pytest.raises(BarsError, match=r"no skfolio package.*hyprl-lab\[skfolio\]"):
        Skfolio(closes_as_bars=True).bars("AAPL")
