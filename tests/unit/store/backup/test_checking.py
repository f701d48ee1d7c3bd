"""A copy is compared with its own database; hostile ones are in `test_restoring`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import run_records

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.backup.checking import check

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.store import Warehouse


def test_a_good_copy_passes_and_one_file_more_or_less_does_not(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.save_run(run_records.record("aa"))
    made = warehouse.backup(tmp_path / "copy")
    check(tmp_path / "copy", made)
    for place in range(len(made.files)):
        less = replace(made, files=made.files[:place] + made.files[place + 1 :])
        with pytest.raises(IntegrityError, match="damaged or was changed"):
            check(tmp_path / "copy", less)
    strange = replace(made.files[0], place="artifacts/zz/x")
    with pytest.raises(IntegrityError, match="does not name"):
        check(tmp_path / "copy", replace(made, files=(*made.files, strange)))
