"""Several instruments side by side."""

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.data.panel import Panel
from hyprl_lab.errors import BarsError, UnknownSymbolError


def frame(symbols: dict[str, list[str]]) -> pd.DataFrame:
    rows = [
        {"ts": day, "symbol": symbol, **dict.fromkeys(("open", "high", "low", "close"), 1.0 + n)}
        for symbol, days in symbols.items()
        for n, day in enumerate(days)
    ]
    return pd.DataFrame(rows)


def test_ragged_and_aligned() -> None:
    panel = Panel.from_pandas(
        frame({"B": ["2024-01-02", "2024-01-03", "2024-01-05"], "A": ["2024-01-03", "2024-01-05"]}),
        timeframe="1d",
    )
    assert list(panel) == ["A", "B"]
    assert not panel.is_aligned
    aligned = panel.aligned()
    assert aligned.is_aligned
    assert aligned["B"].close.tolist() == [2.0, 3.0]
    assert panel["B"].close.tolist() == [1.0, 2.0, 3.0]


def test_a_column_of_all() -> None:
    panel = Panel.from_pandas(
        frame({"A": ["2024-01-03"], "B": ["2024-01-02", "2024-01-03"]}), timeframe="1d"
    )
    outer = panel.column("close")
    assert outer.index.tolist() == [
        pd.Timestamp("2024-01-02", tz="UTC"),
        pd.Timestamp("2024-01-03", tz="UTC"),
    ]
    assert np.isnan(outer.loc["2024-01-02", "A"])
    assert outer["B"].tolist() == [1.0, 2.0]
    assert panel.column("close", join="inner")["B"].tolist() == [2.0]


def test_lookup() -> None:
    panel = Panel([load_bars("sp500")])
    assert "SPY" not in panel
    assert panel.get("SPY") is None
    with pytest.raises(BarsError, match=r"^panel: found no 'SPY'; expected one of \['SP500'\]$"):
        panel["SPY"]


def test_several_symbols_at_once_are_a_panel_of_their_own() -> None:
    panel = Panel([load_bars("sp500")])
    with pytest.raises(UnknownSymbolError, match=r"found \['SP500'\]; expected one symbol"):
        panel[["SP500"]]  # type: ignore[index]


def test_what_is_no_panel() -> None:
    bars = load_bars("TEST")
    with pytest.raises(BarsError, match="found no bars"):
        Panel([])
    with pytest.raises(BarsError, match=r"found \['TEST'\] more than once"):
        Panel([bars, bars])
    with pytest.raises(BarsError, match="found the calendars"):
        Panel([bars, load_bars("sp500")])
    with pytest.raises(BarsError, match="found str; expected Bars"):
        Panel(["TEST"])  # type: ignore[list-item]
    early = frame({"A": ["2024-01-03"], "B": ["2024-01-02"]})
    with pytest.raises(BarsError, match="no time that all"):
        Panel.from_pandas(early, timeframe="1d").aligned()


def test_frames_that_are_no_panel() -> None:
    with pytest.raises(BarsError, match="without 'ticker'"):
        Panel.from_pandas(frame({"A": ["2024-01-03"]}), by="ticker", timeframe="1d")
    twice = frame({"A": ["2024-01-03"], "B": ["2024-01-02", "2024-01-02"]})
    with pytest.raises(BarsError, match=r"^symbol B .*the time of row 0 again"):
        Panel.from_pandas(twice, timeframe="1d")
    missing = frame({"A": ["2024-01-03", "2024-01-04"]})
    missing.loc[1, "symbol"] = None
    with pytest.raises(BarsError, match="row 1, column symbol: found no symbol"):
        Panel.from_pandas(missing, timeframe="1d")
    with pytest.raises(BarsError, match="join: found 'left'"):
        Panel([load_bars("TEST")]).column("close", join="left")  # type: ignore[arg-type]
    with pytest.raises(BarsError, match=r"column adj_close: found none in \['TEST'\]"):
        Panel([load_bars("TEST")]).column("adj_close")
