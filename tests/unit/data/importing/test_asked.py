from __future__ import annotations

import pytest

from hyprl_lab.data.importing.asked import Asked
from hyprl_lab.errors import BarsError


def test_nothing_said_is_nothing_stated():
    asked = Asked.checked()
    assert (asked.symbol, asked.timeframe, asked.tz, asked.dates, asked.repair) == (
        *(None,) * 4,
        {},
    )


@pytest.mark.parametrize(
    "said",
    [
        {"symbol": ""},
        {"timeframe": "tomorrow"},
        {"tz": "Mars/Olympus"},
        {"dates": "dmy"},
        {"calendar": "24/6"},
        {"repair": {"gap": "fill"}},
    ],
)
def test_what_is_impossible_is_refused_before_anything_is_read(said):
    with pytest.raises(BarsError, match=r"found .*expected"):
        Asked.checked(**said)
