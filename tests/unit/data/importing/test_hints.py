from __future__ import annotations

import pytest

from hyprl_lab.data.importing.hints import compact_date, unpadded_format, why_no_time


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["20240102 930"], "%Y%m%d %H%M"),
        (["2024.01.02 93000", "2024.01.02 100000"], "%Y.%m.%d %H%M%S"),
        (["20240102 0930", "20240102 093000"], None),
        (["20240102 9:30"], None),
        ([], None),
    ],
)
def test_clocks_without_leading_zeros(texts, form):
    assert unpadded_format(texts) == form


@pytest.mark.parametrize(
    ("count", "form"),
    [
        (202401160930, "%Y%m%d%H%M"),
        (20240116093000, "%Y%m%d%H%M%S"),
        (202413160930, None),
        (5, None),
    ],
)
def test_numbers_that_read_as_dates(count, form):
    assert compact_date(count) == form


def test_better_ways_than_a_repair():
    assert why_no_time("soon", None)[1] is None
    assert why_no_time("20240102 930", "%Y%m%d %H%M")[1] == "State it: dates='%Y%m%d %H%M'"
    assert "Round the times" in (why_no_time("2024-01-02 09:30:00.000000001", None)[1] or "")
    assert why_no_time("2024-01-02 09:30:00.000000000 x", None)[1] is None
