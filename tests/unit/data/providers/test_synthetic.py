from __future__ import annotations

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.data.providers import Synthetic
from hyprl_lab.errors import BarsError


def test_it_has_the_one_set() -> None:
    assert Synthetic().datasets() == ["TEST"]
    assert Synthetic().bars("TEST") == load_bars("TEST")
    with pytest.raises(BarsError, match="expected one of"):
        Synthetic().bars("sp500")
