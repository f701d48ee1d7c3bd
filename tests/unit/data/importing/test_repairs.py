from __future__ import annotations

import pytest

from hyprl_lab.data.findings import KINDS
from hyprl_lab.data.importing.repairs import REPAIRS, check_repair, mend
from hyprl_lab.errors import BarsError


def test_each_repair_is_of_a_kind_that_is_found():
    assert set(REPAIRS) <= set(KINDS)
    for kind, ways in REPAIRS.items():
        for way in ways:
            assert check_repair({kind: way}) == {kind: way}
            assert repr(way) in mend(kind)


def test_nothing_asked_is_nothing_done():
    assert check_repair(None) == {}


@pytest.mark.parametrize(
    ("repair", "message"),
    [
        ({"gap": "fill"}, "found 'gap'; expected one of"),
        ({"duplicate_time": "mean"}, r"expected one of \('first', 'last', 'drop'\)"),
        ("drop", "expected a kind and a way"),
        (5, "expected a kind and a way"),
    ],
)
def test_other_repairs_are_refused(repair, message):
    with pytest.raises(BarsError, match=message):
        check_repair(repair)
