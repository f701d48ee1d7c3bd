from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

import hyprl_lab as hl
from hyprl_lab.data.providers import Files
from hyprl_lab.errors import BarsError, ConfigError, QualityError

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "date,open,high,low,close\n2024-01-02,1,2,1,2\n2024-01-03,2,3,2,3\n2024-01-04,3,4,3,4\n"


def test_a_folder_of_files(tmp_path: Path) -> None:
    (tmp_path / "ACME.csv").write_text(TEXT)
    with gzip.open(tmp_path / "b.c.csv.gz", "wt") as stream:
        stream.write(TEXT)
    hl.load_bars("TEST").to_pandas().reset_index().to_parquet(tmp_path / "T.parquet")
    (tmp_path / "notes.md").write_text("no bars")
    (tmp_path / ".csv").write_text("no name")
    (tmp_path / "folder.csv").mkdir()
    files = hl.providers.get("files", folder=tmp_path)
    assert files.datasets() == ["ACME", "T", "b.c"]
    assert files.bars("T", timeframe="1d").close.tolist() == hl.load_bars("TEST").close.tolist()
    for name in ("ACME", "b.c"):
        bars = files.bars(name, timeframe="1d", start="2024-01-03")
        assert (bars.symbol, bars.close.tolist()) == (name, [3.0, 4.0])
        assert bars.lineage.steps[0].operation == "import"


def test_settings_are_for_all_files(tmp_path: Path) -> None:
    (tmp_path / "ACME.csv").write_text(TEXT + "2024-01-04,3,4,3,4\n")
    with pytest.raises(QualityError, match="duplicate"):
        Files(folder=tmp_path).bars("ACME", timeframe="1d")
    mended = Files(folder=str(tmp_path), repair={"duplicate_time": "last"})
    assert len(mended.bars("ACME", timeframe="1d")) == 3


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BarsError, match="no folder"):
        Files(folder=tmp_path / "none")
    (tmp_path / "ACME.csv").write_text(TEXT)
    (tmp_path / "ACME.csv.gz").write_text(TEXT)
    with pytest.raises(BarsError, match=r"found \['ACME.csv', 'ACME.csv.gz'\]; expected one"):
        Files(folder=tmp_path).bars("ACME")
    with pytest.raises(BarsError, match=r"found '../ACME'; expected one of \['ACME'\]"):
        Files(folder=tmp_path).bars("../ACME")


def test_a_folder_that_goes_away(tmp_path: Path) -> None:
    folder = tmp_path / "quotes"
    folder.mkdir()
    files = Files(folder=folder)
    folder.rmdir()
    with pytest.raises(BarsError, match=r"can't be read \(No such file or directory\)"):
        files.datasets()
    with pytest.raises(BarsError, match="can't be read"):
        files.bars("ACME")


@pytest.mark.parametrize("dataset", [None, 5, ["ACME"], {}])
def test_a_data_set_of_another_type(tmp_path: Path, dataset: Any) -> None:
    (tmp_path / "ACME.csv").write_text(TEXT)
    with pytest.raises(BarsError, match=r"expected one of \['ACME'\]"):
        Files(folder=tmp_path).bars(dataset)


@pytest.mark.parametrize("folder", [None, 5, "a\0b", "~no_such_user_7"])
def test_a_folder_that_is_no_path(folder: Any) -> None:
    with pytest.raises(ConfigError, match="folder: found"):
        Files(folder=folder)
