"""Adjustments by a factor file."""

from pathlib import Path

import numpy as np
import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.data.bars import Bars
from hyprl_lab.data.factors import Factors, read_factors
from hyprl_lab.data.timeframe import DAY_US
from hyprl_lab.errors import BarsError

SPY = Path(__file__).resolve().parents[3].parent / "shared" / "data"


def bars_of(days: list[str], close: list[float], volume: float = 100.0) -> Bars:
    prices = np.array(close)
    ts = np.array(days, dtype="datetime64[us]").astype(np.int64)
    columns = dict.fromkeys(("open", "high", "low", "close"), prices)
    return Bars("ACME", "1d", "XNYS", ts, {**columns, "volume": np.full(prices.size, volume)})


def test_a_row_holds_for_its_date_and_back_to_the_row_before(tmp_path: Path) -> None:
    file = tmp_path / "acme.csv"
    # A 2:1 split after 3 January, a dividend after 4 January.
    file.write_text("20240103,0.9,0.5,20\n20240104,0.9,1,10\n20501231,1,1,0\n")
    bars = bars_of(
        ["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"], [20.0, 20.0, 10.0, 9.0]
    )
    adjusted = bars.adjusted(factors=file)
    assert adjusted.close.tolist() == [9.0, 9.0, 9.0, 9.0]
    assert adjusted.volume.tolist() == [200.0, 200.0, 100.0, 100.0]
    step = adjusted.lineage.steps[-1]
    assert step.operation == "adjust"
    assert str(step.detail["factors"]).startswith("acme.csv sha256:")
    assert step.detail["of"] == bars.fingerprint


def test_a_header_and_iso_dates_in_another_order(tmp_path: Path) -> None:
    file = tmp_path / "acme.csv"
    file.write_text("Split_Factor,Date,Price Factor\n0.5,2024-01-03,0.8\n")
    factors = read_factors(file)
    assert (factors.price.tolist(), factors.split.tolist()) == ([0.8], [0.5])
    assert factors.days.tolist() == [np.datetime64("2024-01-03").astype(np.int64)]


def test_intraday_bars_take_the_factor_of_their_session() -> None:
    evening = np.array(["2024-01-03T20:30", "2024-01-04T14:30"], dtype="datetime64[us]")
    prices = np.array([20.0, 10.0])
    columns = dict.fromkeys(("open", "high", "low", "close"), prices)
    bars = Bars("ACME", "30m", "XNYS", evening.astype(np.int64), columns)
    day = np.array([np.datetime64("2024-01-03").astype(np.int64)])
    adjusted = bars.adjusted(factors=Factors(day, np.array([1.0]), np.array([0.5])))
    assert adjusted.close.tolist() == [10.0, 10.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty file"),
        ("20240103,0.9\n", "line 1: found 2 fields"),
        ("20240103,0.9,1,1,1\n", "line 1: found 5 fields"),
        ("20240103,0.9,1\n20249903,0.9,1\n", "line 2: found '20249903"),
        ("20240103,x,1\n", "line 1: found '20240103,x,1'"),
        ("20240103,0,1\n", "row 0, price_factor 0.0"),
        ("20240103,1,-1\n", "row 0, split_factor -1.0"),
        ("20240103,1,nan\n", "row 0, split_factor nan"),
        ("20240104,1,1\n20240103,1,1\n", "row 1 not after"),
        ("date,price_factor\n20240104,1\n", r"without \['split_factor'\]"),
        ("date,price_factor,split_factor\n", "row 0 not after the one before|expected"),
    ],
)
def test_what_is_no_factor_file(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(text)
    with pytest.raises(BarsError, match=said):
        read_factors(file)


def test_binary_or_missing_files(tmp_path: Path) -> None:
    with pytest.raises(BarsError, match="no factor file that can be read"):
        read_factors(tmp_path / "none.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BarsError, match="no factor file that can be read"):
        read_factors(tmp_path / "binary.csv")


def test_a_column_and_factors_at_once() -> None:
    factors = Factors(np.array([0]), np.array([1.0]), np.array([1.0]))
    with pytest.raises(BarsError, match="one of them"):
        load_bars("sp500").adjusted("adj_close", factors=factors)


@pytest.mark.skipif(not (SPY / "spy_1d.parquet").exists(), reason="the larger sets are not here")
def test_spy_by_its_factor_file() -> None:
    from hyprl_lab.data import read_bars

    bars = read_bars(SPY / "spy_1d.parquet", symbol="SPY", timeframe="1d")
    adjusted = bars.adjusted(factors=SPY / "raw" / "spy_factor_file.csv")
    rows = {
        str(day)[:10]: row for row, day in enumerate((bars.ts // DAY_US).astype("datetime64[D]"))
    }
    # 2020-12-17 is a row of the file: it holds that day, and the next day has the next row's.
    for day, factor in (
        ("1998-01-02", 0.6566606),
        ("2020-12-17", 0.9925053),
        ("2020-12-18", 0.996736),
    ):
        row = rows[day]
        assert adjusted.close[row] == pytest.approx(bars.close[row] * factor, rel=1e-15)
    assert adjusted.close[-1] == bars.close[-1]
    assert adjusted.volume.tolist() == bars.volume.tolist()
    # Each step of the factors is a dividend, and returns differ on those days alone.
    raw, scaled = np.diff(np.log(bars.close)), np.diff(np.log(adjusted.close))
    lines = (SPY / "raw" / "spy_factor_file.csv").read_text().split()
    steps = len({line.split(",")[1] for line in lines}) - 1
    assert np.count_nonzero(np.abs(raw - scaled) > 1e-12) == steps == 94
