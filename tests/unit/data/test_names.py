from __future__ import annotations

import pytest

from hyprl_lab.data.names import snake_case
from hyprl_lab.errors import BarsError


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Adj Close", "adj_close"), ("RSI_14", "rsi_14"), ("closeChanged", "close_changed"),
     (" Volume ", "volume"), ("VWAP", "vwap"), ("a--b.c", "a_b_c"), ("ma10Score", "ma10_score")],
)  # fmt: skip
def test_names_become_snake_case(name, plain):
    assert snake_case(name) == plain


@pytest.mark.parametrize("name", ["", "  ", "14d", "%%"])
def test_names_without_a_letter_first_are_refused(name):
    with pytest.raises(BarsError, match="columns: found the name"):
        snake_case(name)
