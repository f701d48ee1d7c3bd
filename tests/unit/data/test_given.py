from __future__ import annotations

import pandas as pd
import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.data.given import checked_bars
from hyprl_lab.errors import BarsError


@pytest.mark.parametrize("given", [pd.DataFrame({"close": [1.0]}), "sp500", None])
def test_what_is_no_bars_is_told_how_to_become_bars(given: object) -> None:
    with pytest.raises(BarsError, match=r"hl\.Bars\.from_pandas.*hl\.load_bars"):
        checked_bars(given)


def test_bars_are_bars() -> None:
    bars = load_bars("TEST")
    assert checked_bars(bars) is bars
