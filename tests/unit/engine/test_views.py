"""A run by window, by year, by fall: over hand-made equity on bars of several calendars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.engine.config import AllIn, Execution
from hyprl_lab.engine.period import Period
from hyprl_lab.engine.result import Result
from hyprl_lab.engine.simulation import OrderColumns, Simulation, TradeColumns
from hyprl_lab.engine.views import by_period_frame, drawdowns_frame, rolling_frame
from hyprl_lab.metrics import TRIAL_METRICS, Equity
from hyprl_lab.strategy import Strategy, close

if TYPE_CHECKING:
    from collections.abc import Sequence


def made(
    index: pd.DatetimeIndex,
    equity: Sequence[float] | np.ndarray,
    *,
    timeframe: str = "1d",
    calendar: str = "XNYS",
    cash: float = 100.0,
    trades: Sequence[tuple[int, float, int]] = (),
    start: str | None = None,
) -> Result:
    """Return a result whose engine said this; trades are (exit bar, P&L, reason code)."""
    frame = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), 10.0), index=index)
    bars = Bars.from_pandas(frame, symbol="X", timeframe=timeframe, calendar=calendar)
    n = len(trades)
    exits, pnl, reasons = zip(*trades, strict=True) if trades else ((), (), ())
    columns = {name: np.zeros(n) for name in TradeColumns.__slots__}
    columns |= {
        "entry_bar": np.zeros(n, np.int64),
        "exit_bar": np.array(exits, np.int64),
        "pnl": np.array(pnl, np.float64),
        "reason": np.array(reasons, np.int8),
        "side": np.ones(n, np.int8),
    }
    simulation = Simulation(
        equity=np.asarray(equity, np.float64),
        trades=TradeColumns(**columns),  # type: ignore[arg-type]
        values=dict.fromkeys(TRIAL_METRICS, 0.0),
        blocks=np.zeros((17, 6)),
        behaviour_hash=0,
        ruined_bar=None,
        deficit=0.0,
        orders=OrderColumns.empty(),
    )
    window = Period.of((start, None)).window(bars)
    return Result(
        bars=bars,
        strategy=Strategy("hand", long_entry=close > 0),
        params={},
        risk=AllIn(),
        execution=Execution(),
        cash=cash,
        seed=0,
        period=window.period(bars),
        window=window,
        periods_per_year=bars.periods_per_year,
        engine="python",
        engine_version="0",
        simulation=simulation,
    )


def days(start: str, end: str) -> pd.DatetimeIndex:
    return pd.bdate_range(start, end, tz="UTC", name="ts")


def test_years_of_daily_bars() -> None:
    index = days("2018-06-01", "2020-03-31")
    equity = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, len(index))))
    turn = {year: np.flatnonzero(index.year == year) for year in (2018, 2019, 2020)}
    trades = [
        (5, 3.0, 0),
        (turn[2019][0], -1.0, 1),
        (turn[2019][-1], 4.0, 0),
        (len(index) - 1, 9.0, 5),
    ]
    found = by_period_frame(made(index, equity, trades=trades), "year")
    assert found.index.name == "year"
    assert found.index.tolist() == [2018, 2019, 2020]
    assert found["partial"].tolist() == [True, False, True]
    assert found["first_ts"].tolist() == [index[rows[0]] for rows in turn.values()]
    assert found["last_ts"].tolist() == [index[rows[-1]] for rows in turn.values()]
    ends = [100.0, *(equity[rows[-1]] for rows in turn.values())]
    assert found["total_return"].tolist() == pytest.approx(np.divide(ends[1:], ends[:-1]) - 1)
    change = pd.Series(equity, index=index).pct_change()["2019"]
    assert found.loc[2019, "sharpe"] == pytest.approx(change.mean() / change.std() * 252**0.5)
    assert found.loc[2019, "annualised_volatility"] == pytest.approx(change.std() * 252**0.5)
    # the open trade (reason 5) has not closed in any year
    assert found["trades"].tolist() == [1, 2, 0]
    assert found["win_rate"].fillna(-1).tolist() == [1.0, 0.5, -1.0]
    assert found["pnl"].tolist() == [3.0, 3.0, 0.0]


def test_months_are_labelled_by_year_and_month() -> None:
    index = days("2019-12-10", "2020-02-28")
    found = by_period_frame(made(index, np.full(len(index), 100.0)), "month")
    assert found.index.tolist() == ["2019-12", "2020-01", "2020-02"]
    assert found["partial"].tolist() == [True, False, False]


def test_a_run_that_starts_inside_the_bars_counts_from_there() -> None:
    index = days("2019-01-01", "2020-12-31")
    size = int((index >= "2019-07-01").sum())
    result = made(index, np.linspace(100, 200, size), start="2019-07-01", trades=[(300, 1.0, 0)])
    found = by_period_frame(result, "year")
    assert found["first_ts"].iloc[0] == pd.Timestamp("2019-07-01", tz="UTC")
    assert found["partial"].tolist() == [True, False]
    assert found["trades"].tolist() == [0, 1]  # bar 300 of the series is in 2020
    assert index[300].year == 2020


def test_a_daily_bar_stamped_at_the_open_of_new_york_keeps_its_date() -> None:
    index = days("2019-12-30", "2020-01-02").tz_localize(None) + pd.Timedelta(hours=14, minutes=30)
    found = by_period_frame(made(index.tz_localize("UTC"), [100.0] * 4), "year")
    assert found["last_ts"].iloc[0] == pd.Timestamp("2019-12-31 14:30", tz="UTC")


def test_bare_dates_keep_theirs_beside_stamps_of_opens() -> None:
    """The first bar of 2020 is stamped by its date; in New York it is still 2019 then."""
    index = pd.DatetimeIndex(["2019-12-31 14:30", "2020-01-01", "2020-01-02 14:30"], tz="UTC")
    found = by_period_frame(made(index, [100.0] * 3), "year")
    assert found["first_ts"].tolist() == [index[0], index[1]]


def test_the_sunday_of_weekday_markets_is_of_mondays_year_in_daily_bars_too() -> None:
    index = pd.DatetimeIndex(["2017-12-29", "2017-12-31", "2018-01-01"], tz="UTC")
    found = by_period_frame(made(index, [100.0] * 3, calendar="24/5"), "year")
    assert found["first_ts"].tolist() == [index[0], index[1]]


@pytest.mark.parametrize(
    ("calendar", "moment", "year"),
    [
        ("24/7", "2019-12-31 23:00", 2019),
        ("24/7", "2020-01-01 00:00", 2020),
        ("XNYS", "2020-01-01 03:00", 2019),  # 22:00 in New York
        ("XNYS", "2020-01-01 05:00", 2020),  # midnight there
        ("24/5", "2017-12-31 23:00", 2018),  # Sunday evening is Monday's
        ("24/5", "2018-12-31 23:00", 2018),
    ],
)
def test_the_year_ends_by_the_clock_of_the_calendar(calendar: str, moment: str, year: int) -> None:
    index = pd.DatetimeIndex([moment], tz="UTC")
    found = by_period_frame(made(index, [100.0], timeframe="1h", calendar=calendar), "year")
    assert found.index.tolist() == [year]


def test_sessions_make_the_headline_returns_of_intraday_bars() -> None:
    """Two sessions of three hours each: one return, between the two last closes."""
    hours = ("15:30", "16:30", "17:30")
    index = pd.DatetimeIndex(
        [f"2020-01-0{day} {hour}" for day in (2, 3) for hour in hours], tz="UTC"
    )
    result = made(index, [100.0, 90.0, 110.0, 80.0, 121.0, 132.0], timeframe="1h")
    assert result.window.headline.tolist() == [2, 5]
    assert result.returns.tolist() == pytest.approx([0.2])
    assert result.returns.index.tolist() == [index[5]]
    (month,) = by_period_frame(result, "month").to_dict("records")
    assert month["total_return"] == pytest.approx(0.32)  # from cash, the first session too
    assert month["max_drawdown"] == pytest.approx(1 - 80 / 110)  # at every close
    assert np.isnan(month["sharpe"])  # one headline return


def test_weeks_and_months_are_whole_to_the_end_of_their_bar() -> None:
    weekly = pd.date_range("2019-01-07", "2019-12-30", freq="7D", tz="UTC")
    found = by_period_frame(made(weekly, [100.0] * len(weekly), timeframe="1w"), "year")
    assert found["partial"].tolist() == [False]
    monthly = pd.date_range("2019-01-01", periods=12, freq="MS", tz="UTC")
    found = by_period_frame(made(monthly, [100.0] * 12, timeframe="1mo"), "year")
    assert found["partial"].tolist() == [False]
    found = by_period_frame(made(monthly[:11], [100.0] * 11, timeframe="1mo"), "year")
    assert found["partial"].tolist() == [True]


def test_rolling_stands_beside_the_returns() -> None:
    index = days("2020-01-01", "2020-12-31")
    values = np.random.default_rng(4).normal(0, 0.01, len(index))
    returns = pd.Series(values, index=index, name="return")
    found = rolling_frame(returns, 21, 252.0)
    assert found.index.equals(index)
    expected = returns.rolling(21).mean() / returns.rolling(21).std() * 252**0.5
    np.testing.assert_allclose(found["sharpe"], expected, rtol=1e-9)
    np.testing.assert_allclose(
        found["annualised_volatility"], returns.rolling(21).std() * 252**0.5, rtol=1e-9
    )
    assert found.columns.tolist() == [
        "total_return",
        "annualised_volatility",
        "sharpe",
        "max_drawdown",
    ]


def test_falls_have_times() -> None:
    ts = np.arange(5, dtype=np.int64) * 86_400_000_000
    found = drawdowns_frame(ts, Equity([90.0, 100.0, 80.0, 75.0, 99.0], cash=100.0))
    assert found["start_ts"].isna().tolist() == [True, False]
    assert found["start_ts"].iloc[1] == pd.Timestamp("1970-01-02", tz="UTC")
    assert found["trough_ts"].iloc[1] == pd.Timestamp("1970-01-04", tz="UTC")
    assert found["end_ts"].isna().tolist() == [False, True]
    assert found["depth"].tolist() == pytest.approx([0.1, 0.25])
    assert found["bars"].tolist() == [1, 3]
