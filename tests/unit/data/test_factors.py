"""Adjustments by a factor file."""

import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.data import load_bars
from hyprl_lab.data.bars import Bars
from hyprl_lab.data.factors import Factors, factor_row, read_factors
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
        ("today,1,1\n", "line 1: found 'today,1,1'"),
        ("2024-01,1,1\n", "line 1: found '2024-01,1,1'"),
        ("2024,1,1\n", "line 1: found '2024,1,1'"),
        ("NaT,1,1\n", "line 1: found 'NaT,1,1'"),
        ("20240103,1_0,1\n", "line 1: found '20240103,1_0,1'"),
        ("20240103,0x10,1\n", "line 1: found"),
        ("date,price_factor,price_factor,split_factor\n", r"found \['price_factor'\] twice"),
        ("20240103,0.5,1\r20240104," + "1" * 140_000 + ",1\r", "no text in CSV|line 2: found"),
        ("20240103,0,1\n", "row 0, price_factor 0.0"),
        ("20240103,1,-1\n", "row 0, split_factor -1.0"),
        ("20240103,1,nan\n", "line 1: found '20240103,1,nan'"),
        ("20240104,1,1\n20240103,1,1\n", "row 1 not after"),
        ("date,price_factor\n20240104,1\n", r"without \['split_factor'\]"),
        ("date,price_factor,split_factor\n", "found no row; expected at least one"),
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
    with pytest.raises(BarsError, match="found no text in CSV"):
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


def test_rows_in_memory_do_what_the_file_does(tmp_path: Path) -> None:
    file = tmp_path / "acme.csv"
    file.write_text("2024-01-03,0.9,0.5\n2024-01-04,0.9,1\n")
    rows = hl.Factors.from_rows([("2024-01-03", 0.9, 0.5), (date(2024, 1, 4), 0.9, 1)])
    bars = bars_of(["2024-01-03", "2024-01-04", "2024-01-05"], [20.0, 10.0, 9.0])
    assert bars.adjusted(factors=rows) == bars.adjusted(factors=file)
    told = bars.adjusted(factors=rows).lineage[-1].detail["factors"]
    assert told == "rows 2024-01-03,0.9,0.5; 2024-01-04,0.9,1"
    written = tmp_path / "again.csv"
    written.write_text(str(told).removeprefix("rows ").replace("; ", "\n"))
    assert bars.adjusted(factors=written) == bars.adjusted(factors=rows)


def test_a_row_is_written_to_the_last_digit() -> None:
    day = int(np.datetime64("2005-02-28").astype(np.int64))
    assert factor_row(day, 1.0, 0.5) == "2005-02-28,1,0.5"
    assert float(factor_row(day, 1.0, 1 / 7).split(",")[2]) == 1 / 7


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "found no row"),
        (5, "found int"),
        ("2024-01-03", "found str"),
        ({"2024-01-03": 0.5}, "found dict"),
        (["2024-01-03"], "found row 0, '2024-01-03'"),
        ([("2024-01-03", 1.0)], "found row 0"),
        ([("2024-01-03", 1.0, 0.5), ("3.1.2024", 1.0, 0.5)], "found row 1"),
        ([("2024-01-03", 1.0, "half")], "found row 0"),
        ([("2024-01-03", 1.0, None)], "found row 0"),
        ([(20240103, 1.0, 0.5)], "found row 0"),
        ([("2024-01-03", 1.0, 0.0)], "row 0, split_factor 0.0"),
        ([("2024-01-03", 1.0, 0.5), ("2024-01-03", 1.0, 0.5)], "row 1 not after"),
    ],
)
def test_what_are_no_rows(rows: object, said: str) -> None:
    with pytest.raises(BarsError, match=said):
        Factors.from_rows(rows)  # type: ignore[arg-type]


@pytest.mark.parametrize("factors", [{"2005-02-28": 0.5}, [("2005-02-28", 1.0, 0.5)], 0.5])
def test_anything_else_is_told_what_factors_are(factors: object) -> None:
    with pytest.raises(BarsError, match=r"factors: found \w+; expected .*hl\.Factors\.from_rows"):
        load_bars("sp500").adjusted(factors=factors)  # type: ignore[arg-type]


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path, tmp_path / "pipe", Path("/dev/zero"), "x\0y"):
        with pytest.raises(BarsError, match="no factor file that can be read"):
            read_factors(place)
    (tmp_path / "large.csv").write_bytes(b"20240103,1,1\n" * 1_400_000)
    with pytest.raises(BarsError, match="more than 16 MiB"):
        read_factors(tmp_path / "large.csv")
