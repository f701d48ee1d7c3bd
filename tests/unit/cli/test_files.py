"""What is typed about a file of bars."""

from __future__ import annotations

import pytest

from hyprl_lab.cli.files import columns_from, is_file, repairs_from
from hyprl_lab.errors import InputError


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        *[(name, True) for name in ("a.csv", "A.CSV", "b.csv.gz", "c.parquet", "./sp500", "x/y")],
        *[(name, False) for name in ("sp500", "BRK.B", "d153c73b", "")],
    ],
)
def test_what_is_a_file(source: str, expected: bool) -> None:
    assert is_file(source) is expected


def test_columns_by_position_or_by_name() -> None:
    assert columns_from(None) is None
    assert columns_from(" ts, open ,high") == ["ts", "open", "high"]
    assert columns_from("open=Price, close = 3") == {"open": "Price", "close": 3}
    assert columns_from('["a,b", "c", null]') == ["a,b", "c", None]
    assert columns_from("ts,null,open") == ["ts", None, "open"]
    assert columns_from("open=Price,note=null") == {"open": "Price", "note": None}
    assert columns_from('{"note": null}') == {"note": None}
    assert columns_from('{"open": "a=b", "close": 3}') == {"open": "a=b", "close": 3}


@pytest.mark.parametrize(
    "source",
    ["", "a,,b", "open=Price,close", "open=", "=x", "open=a,open=b", "[1]", '{"a": true}', "{"],
)
def test_columns_that_are_none(source: str) -> None:
    with pytest.raises(InputError, match="--columns"):
        columns_from(source)


def test_repairs() -> None:
    assert repairs_from([]) is None
    assert repairs_from(["unsorted=sort", " missing_value = drop"]) == {
        "unsorted": "sort",
        "missing_value": "drop",
    }


@pytest.mark.parametrize("given", [["unsorted"], ["=x"], ["x="], ["a=b", "a=c"]])
def test_repairs_that_are_none(given: list[str]) -> None:
    with pytest.raises(InputError, match=r"--repair .*kind=way"):
        repairs_from(given)
