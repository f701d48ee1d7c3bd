from __future__ import annotations

import math
from dataclasses import replace

import pytest

from hyprl_lab.research.stats import expected_max_sharpe


def test_the_track_record_says_what_is_missing(read) -> None:
    rows = read("min_trl")
    needed = 1.0 + (1.0 + 0.5 * 0.05**2) * (1.6448536269514722 / 0.05) ** 2  # 1,084.7
    assert rows["minimum_track_record_length"].value == pytest.approx(needed, rel=1e-12)
    assert rows["track_record_surplus"].value == pytest.approx(1000 - needed, rel=1e-12)
    assert rows["track_record_surplus"].reading == "There are 1,000 periods: 85 periods short."


def test_the_backtest_length_uses_the_ledgers_count_and_the_annual_ratio(read) -> None:
    rows = read("min_btl")
    annual = 0.05 * math.sqrt(250)
    needed = rows["minimum_backtest_length"].value
    assert needed == pytest.approx((expected_max_sharpe(4851) / annual) ** 2, rel=1e-12)
    assert "the best of 4,851 worthless trials" in rows["minimum_backtest_length"].reading
    assert rows["backtest_length_surplus"].value == pytest.approx(4.0 - float(needed or 0))
    assert "short" in rows["backtest_length_surplus"].reading


@pytest.mark.parametrize("check", ["min_trl", "min_btl"])
def test_a_losing_record_is_never_long_enough_and_never_infinite(read, moments, check: str) -> None:
    losing = replace(moments, sharpe=-0.01)
    for row in read(check, losing).values():
        assert row.value is None
        assert "not above 0" in str(row.reason)
