"""Files read back as what was written; half a file is never seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from hyprl_lab.engine.export import SUFFIXES, TABLES, destination, write_table
from hyprl_lab.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def frame() -> pd.DataFrame:
    generator = np.random.default_rng(1)
    ts = pd.date_range("2020-01-01 14:30", periods=4, freq="h", tz="UTC", name="ts").as_unit("us")
    return pd.DataFrame(
        {
            "ts": ts,
            "signal_ts": [ts[0], pd.NaT, ts[2], pd.NaT],
            "why": ["", 'a "quoted", word', "blocked", "é"],
            "price": [1 / 3, np.nan, generator.random() * 1e9, -0.0],
            "bars_held": [0, 1, 2, 3],
        }
    )


def test_csv_reads_back(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = write_table(frame, tmp_path / "t.csv")
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines[0] == "ts,signal_ts,why,price,bars_held"
    assert lines[1].startswith("2020-01-01T14:30:00+00:00,2020-01-01T14:30:00+00:00,,0.333")
    assert lines[2] == '2020-01-01T15:30:00+00:00,,"a ""quoted"", word",,1'
    assert "NaN" not in path.read_text(encoding="utf-8")
    read = pd.read_csv(path, parse_dates=["ts", "signal_ts"])
    read = read.assign(why=read["why"].fillna(""))
    pd.testing.assert_frame_equal(read, frame, check_dtype=False, check_exact=True)


def test_json_reads_back(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = write_table(frame, tmp_path / "t.json")

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    rows = json.loads(path.read_bytes(), parse_constant=refuse)
    assert [list(row) for row in rows] == [list(frame.columns)] * 4
    assert rows[1] == {
        "ts": "2020-01-01T15:30:00+00:00",
        "signal_ts": None,
        "why": 'a "quoted", word',
        "price": None,
        "bars_held": 1,
    }
    assert [row["price"] for row in rows if row["price"] is not None] == (
        frame["price"].dropna().tolist()
    )
    assert [row["bars_held"] for row in rows] == [0, 1, 2, 3]
    assert [pd.Timestamp(row["ts"]) for row in rows] == frame["ts"].tolist()


def test_parquet_reads_back(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = write_table(frame, tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
    table = pq.read_table(path)
    assert table["price"].null_count == 1
    assert table["signal_ts"].null_count == 2
    assert str(table.schema.field("ts").type) == "timestamp[us, tz=UTC]"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_rows_make_a_file(frame: pd.DataFrame, tmp_path: Path, suffix: str) -> None:
    path = write_table(frame.iloc[:0], tmp_path / f"t{suffix}")
    if suffix == ".json":
        assert json.loads(path.read_bytes()) == []
    elif suffix == ".csv":
        assert path.read_text() == "ts,signal_ts,why,price,bars_held\n"
    else:
        assert pq.read_table(path).num_rows == 0


def test_parts_of_a_second_are_written_where_there_are_some(tmp_path: Path) -> None:
    ts = pd.DatetimeIndex(["2020-01-01", "2020-01-01T00:00:00.000250"], tz="UTC")
    path = write_table(pd.DataFrame({"ts": ts}), tmp_path / "t.csv")
    assert path.read_text().splitlines()[1:] == [
        "2020-01-01T00:00:00.000000+00:00",
        "2020-01-01T00:00:00.000250+00:00",
    ]


def test_times_of_other_zones_are_written_in_utc(tmp_path: Path) -> None:
    ts = pd.DatetimeIndex(["2020-07-01 09:30"], tz="America/New_York")
    path = write_table(pd.DataFrame({"ts": ts}), tmp_path / "t.csv")
    assert path.read_text().splitlines()[1] == "2020-07-01T13:30:00+00:00"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_failed_write_leaves_the_old_file_alone(
    frame: pd.DataFrame, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_table(frame, tmp_path / f"t{suffix}")
    before = path.read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hyprl_lab.engine.export.os.fsync", full)
    with pytest.raises(InputError, match="No space left on device; make room"):
        write_table(frame.iloc[:1], path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == [path.name]


def test_a_file_that_exists_keeps_its_mode(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.touch()
    path.chmod(0o640)
    write_table(frame, path)
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.stat().st_size > 0


def test_a_place_that_is_gone_is_said(frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"can't write .*No such file.*choose a place"):
        write_table(frame, tmp_path / "absent" / "t.csv")


def test_a_name_as_long_as_names_may_be_is_written(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / f"{'a' * 251}.csv"
    assert write_table(frame, destination(path, "trades")).is_file()
    with pytest.raises(InputError, match="File name too long"):
        destination(tmp_path / f"{'a' * 300}.csv", "trades")


@pytest.mark.parametrize("place", [None, 3, b"t.csv", "", "t\0.csv", ["t.csv"]])
def test_what_is_no_path_is_refused(place: Any) -> None:
    with pytest.raises(InputError, match="expected the path of a file"):
        destination(place, "trades")


@pytest.mark.parametrize("suffix", ["/../../evil.csv", "../t.csv", "xlsx", "", ".", "..csv", 3, []])
def test_a_suffix_is_one_of_three_and_never_a_path(tmp_path: Path, suffix: Any) -> None:
    (tmp_path / "trades").mkdir()
    (tmp_path / "orders").mkdir()
    with pytest.raises(InputError, match="suffix is"):
        destination(tmp_path / "orders", "trades", suffix)


def test_a_suffix_does_not_contradict_the_file(tmp_path: Path) -> None:
    assert destination(tmp_path / "t.parquet", "trades", "parquet").name == "t.parquet"
    with pytest.raises(InputError, match=r"ends with '\.csv', and suffix is '\.json'"):
        destination(tmp_path / "t.csv", "trades", "json")


def test_a_place_is_a_file_or_a_folder(tmp_path: Path) -> None:
    assert destination(tmp_path, "equity") == tmp_path / "equity.csv"
    assert destination(str(tmp_path), "orders", ".parquet") == tmp_path / "orders.parquet"
    assert destination(tmp_path, "orders", "json") == tmp_path / "orders.json"
    assert destination(tmp_path / "mine.JSON", "orders") == tmp_path / "mine.JSON"


@pytest.mark.parametrize("name", ["t.xlsx", "t", "t.csv.gz"])
def test_an_unknown_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(
        InputError, match=r"expected a file that ends with \.csv, \.parquet, \.json"
    ):
        destination(tmp_path / name, "trades")
    with pytest.raises(InputError, match=r"suffix is '\.xls'; expected one of \.csv"):
        destination(tmp_path, "trades", ".xls")  # type: ignore[arg-type]


def test_an_unknown_table_or_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"expected one of {', '.join(TABLES)}"):
        destination(tmp_path, "fills")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="does not exist; make it first"):
        destination(tmp_path / "absent" / "t.csv", "trades")
