"""Periods: which rows they mean."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.engine import Period
from hyprl_lab.errors import BarsError


def test_moments_in_any_form_mean_the_same() -> None:
    forms = ["2020-02-03", date(2020, 2, 3), datetime(2020, 2, 3, tzinfo=UTC), 1580688000000000]
    assert {Period.of((form, None)) for form in forms} == {Period(1580688000000000, None)}
    assert Period.of(None) == Period()
    assert Period.of(Period(1, 2)) == Period(1, 2)


def test_the_end_is_excluded_and_the_last_row_is_always_sampled() -> None:
    bars = load_bars("TEST")
    window = Period(int(bars.ts[10]), int(bars.ts[20])).window(bars)
    assert (window.start, window.stop) == (10, 20)
    assert window.headline.tolist() == list(range(10, 20))
    elapsed = (bars.ts[19] - bars.ts[10]) / 1e6 / 86_400 / 365.25
    assert window.years == pytest.approx(elapsed, rel=1e-15)


def test_a_window_that_ends_within_a_session_samples_its_last_bar() -> None:
    from hyprl_lab.data import Bars

    flat = np.full(48, 5.0)
    bars = Bars.from_arrays(
        np.arange(48, dtype=np.int64) * 3_600_000_000,
        dict.fromkeys(("open", "high", "low", "close"), flat),
        symbol="H", timeframe="1h", calendar="24/7",
    )  # fmt: skip
    assert Period(None, int(bars.ts[30])).window(bars).headline.tolist() == [23, 29]


@pytest.mark.parametrize(
    "period",
    [
        ("2031-01-01", None),
        (None, "1999-01-01"),
        ("9999-12-31T23:59:59-23:59", None),
        (None, "0001-01-01T00:00:00+23:59"),
        (2**62, None),
    ],
)
def test_a_period_without_bars_is_refused(period: tuple[str | None, str | None]) -> None:
    with pytest.raises(BarsError, match="the bars reach from 2020-01-01"):
        Period.of(period).window(load_bars("TEST"))
