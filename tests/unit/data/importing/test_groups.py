from __future__ import annotations

import pyarrow as pa
import pytest

from hyprl_lab.data.importing.groups import Groups
from hyprl_lab.errors import BarsError


def test_symbols_are_numbered_across_blocks():
    groups = Groups("symbol")
    assert groups.codes(pa.array([7, None, 5])).tolist() == [0, -1, 1]
    assert groups.codes(pa.array(["5", "05"])).tolist() == [1, 2]
    assert groups.rows_in == {"7": 1, "5": 2, "05": 1}
    assert groups.tally(2) is groups.tallies["05"]


def test_other_types_are_no_symbols():
    with pytest.raises(BarsError, match="column symbol: found double; expected symbols"):
        Groups("symbol").codes(pa.array([1.5]))
