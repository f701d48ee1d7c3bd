from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.data.providers.packaged import folder_of, read_table, version_of
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_package_is_found_without_its_import() -> None:
    assert (folder_of("arch", wanted="x", mend="y") / "data" / "sp500").is_dir()
    assert version_of("arch") == "8.0.0"
    with pytest.raises(BarsError, match=r"found no no_such package, which holds gold\. Dig"):
        folder_of("no_such", wanted="gold", mend="Dig")
    assert version_of("no_such") == "unknown"


def test_cells_stay_text(tmp_path: Path) -> None:
    file = tmp_path / "t.csv.gz"
    with gzip.open(file, "wt") as stream:
        stream.write('a,"b,c"\n1,2.50\n3,4\n')
    head, cells = read_table(file)
    assert head == ["a", "b,c"]
    assert cells.tolist() == [["1", "2.50"], ["3", "4"]]
    with pytest.raises(BarsError, match=r"found no none\.csv\.gz"):
        read_table(tmp_path / "none.csv.gz")
