from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data.instant import microseconds
from hyprl_lab.errors import BarsError

EXPECTED = 1_577_934_245_000_000  # `date -u -d 2020-01-02T03:04:05Z +%s`, six zeros added


@pytest.mark.parametrize(
    "moment",
    [
        "2020-01-02T03:04:05",
        "2020-01-02 03:04:05Z",
        "2020-01-02T05:04:05+02:00",
        datetime(2020, 1, 2, 3, 4, 5),  # noqa: DTZ001  # a naive one is the case under test
        datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
        datetime(2020, 1, 2, 5, 4, 5, tzinfo=timezone(timedelta(hours=2))),
        pd.Timestamp("2020-01-02 03:04:05", tz="UTC"),
        np.datetime64("2020-01-02T03:04:05"),
        EXPECTED,
        np.int64(EXPECTED),
    ],
)
def test_one_moment_in_many_spellings(moment):
    assert microseconds(moment) == EXPECTED


def test_dates_are_their_midnight():
    assert microseconds(date(1970, 1, 3)) == 172_800_000_000
    assert microseconds("1969-12-31") == -86_400_000_000


def test_microseconds_survive():
    assert microseconds("2020-01-02T03:04:05.000001Z") == EXPECTED + 1


@pytest.mark.parametrize("moment", ["1/2/2020", "2020", "", np.datetime64("NaT"), 1.5, True, None])
def test_anything_else_is_refused(moment):
    with pytest.raises(BarsError, match="moment: found"):
        microseconds(moment)
