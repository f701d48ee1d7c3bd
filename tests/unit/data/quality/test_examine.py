from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hyprl_lab.data import load_bars
from hyprl_lab.data.bars import Bars
from hyprl_lab.data.findings import Finding
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.quality import quality
from hyprl_lab.errors import BarsError


@pytest.mark.parametrize("name", ["TEST", "sp500"])
def test_clean_sets_are_clean(name):
    report = quality(load_bars(name))
    assert report.findings == ()
    assert report.ok


def test_every_kind_at_once_in_order(make_bars, weekdays):
    columns = {name: v.copy() for name, v in make_bars(weekdays, "1d").columns.items()}
    columns["volume"][10] = 0.0
    columns["high"][40] *= 1.5
    for name in ("open", "high", "low", "close"):
        columns[name][150:] /= 2.0
    for name in ("open", "high", "low", "close"):
        columns[name][200] = columns["close"][199]
    bars = make_bars(weekdays, "1d", **columns)
    report = quality(bars, calendar="24/5")
    assert [finding.kind for finding in report.findings] == [
        "outlier",
        "zero_volume",
        "unadjusted_split",
        "flat_bar",
    ]
    assert not report.ok
    assert report.span == (int(weekdays[0]), int(weekdays[-1]))
    # The year's holidays of New York are days without a session.
    assert quality(bars).by_kind("outside_session").severity == "warning"


def test_the_calendar_is_named_and_checked(make_bars, weekdays):
    bars = make_bars(weekdays, "1d")
    assert quality(bars, calendar="24/5").title == "CALM 1d, calendar 24/5"
    with pytest.raises(BarsError, match="calendar: found 'XMARS'"):
        quality(bars, calendar="XMARS")


def test_what_an_import_repaired_is_shown(make_bars, weekdays):
    found = [
        Finding(kind="ohlc_violation", severity="repaired", count=3, first_ts=7, detail="widened"),
        Finding(kind="ignored_column", severity="info", count=1, first_ts=None, detail="ticker"),
    ]
    lineage = Lineage().then(
        "import", rows_in=305, rows_kept=300, findings=[one.to_json() for one in found]
    )
    bars = dataclasses.replace(make_bars(weekdays, "1d", "24/5"), lineage=lineage)
    report = quality(bars)
    assert report.findings == tuple(found)
    assert report.ok
    assert (report.rows_in, report.rows_kept) == (305, 300)
    part = quality(bars.take(0, 280))
    assert (part.rows_in, part.rows_kept) == (280, 280)


def test_an_inferred_calendar_is_said_to_be(shared):
    report = shared("nifty50_1m_4days", "1m").quality()
    assert "24/5 was read off the times; pass calendar=" in report.by_kind("gap").detail


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("timeframe", ["1m", "1h", "1d", "3d", "1w", "1mo"])
@pytest.mark.parametrize("calendar", ["XNYS", "24/5", "24/7", "XTKS"])
def test_a_bar_or_two_of_any_kind(make_bars, timeframe, calendar, rows):
    step = {"1m": 1, "1h": 60, "1d": 1_440, "3d": 4_320, "1w": 10_080, "1mo": 44_640}[timeframe]
    first = np.datetime64("2024-01-16T15:00", "us").astype(np.int64)
    ts = first + np.arange(rows) * step * 60_000_000
    report = quality(make_bars(ts, timeframe, calendar))
    assert report.rows_kept == rows
    assert not any(finding.severity == "error" for finding in report.findings)


@pytest.mark.parametrize(
    ("name", "timeframe", "kinds"),
    [
        ("btcusd_1d", "1d", ["outlier"]),
        ("ethusd_1d", "1d", ["outlier"]),
        ("solusd_1d", "1d", ["outlier"]),
        ("spy_1d", "1d", ["outlier"]),
        ("spy_1h", "1h", ["outlier", "gap", "outside_session", "outlier", "flat_bar"]),
        ("eurusd_1h_ask", "1h", ["gap", "outlier", "gap", "outlier", "flat_bar"]),
    ],
)
def test_real_sets(shared, name, timeframe, kinds):
    report = shared(name, timeframe).quality()
    assert [finding.kind for finding in report.findings] == kinds
    assert all(finding.severity != "error" for finding in report.findings)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_valid_bars_break_a_check(data):
    """Any prices above zero, volumes and stamps: findings name rows that exist, never an error."""
    rows = data.draw(st.integers(1, 150))
    seed = data.draw(st.integers(0, 2**32 - 1))
    spread = data.draw(st.sampled_from([0.001, 1.0, 100.0, 700.0]))
    timeframe, minutes = data.draw(st.sampled_from([("1m", 1), ("1h", 60), ("1d", 1_440)]))
    calendar = data.draw(st.sampled_from(["XNYS", "24/5", "24/7", "XTKS"]))
    rng = np.random.default_rng(seed)
    steps = np.where(rng.random(rows) < 0.8, 1, rng.integers(1, 3_000, rows))
    ts = 1_700_000_000_000_000 + np.cumsum(steps) * minutes * 60_000_000
    prices = np.exp(rng.uniform(-spread, spread, (rows, 4)))
    prices[rng.random(rows) < 0.2] = prices[0, 0]
    columns = {
        "open": prices[:, 0],
        "high": prices.max(axis=1),
        "low": prices.min(axis=1),
        "close": prices[:, 1],
        "volume": np.where(rng.random(rows) < 0.3, 0.0, np.exp(rng.uniform(-9, 700, rows))),
    }
    bars = Bars("X", timeframe, calendar, ts, columns)
    for finding in quality(bars).findings:
        assert finding.severity in ("warning", "info")
        assert finding.count > 0 or finding.kind == "short_data"
        assert all(0 <= row < rows for row in finding.rows)
        assert list(finding.rows) == sorted(set(finding.rows))
        assert finding.first_ts == ts[finding.rows[0]]
