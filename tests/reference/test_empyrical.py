"""Our metrics beside those of empyrical-reloaded 0.7.1, on the same returns.

The bars are arch 8.0.0's `sp500`, adjusted closes, 4 January 1999 to 31 December 2018: 5,031 of
them, 5,030 returns. Where the two differ the test says by what, and docs/metrics.md why.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import empyrical
import numpy as np
import pandas as pd
import pytest

from hyprl_lab.metrics import (
    Equity,
    Returns,
    annualised_volatility,
    cagr,
    calmar,
    max_drawdown,
    metrics_by_period,
    rolling_metrics,
    sharpe,
    sortino,
)

if TYPE_CHECKING:
    from pathlib import Path

EXACT = 1e-11
"""Relative: sums in another order. Ours run in time order, numpy's are pairwise."""


class Market(NamedTuple):
    closes: pd.Series
    equity: Equity
    returns: Returns
    series: pd.Series
    years: float


@pytest.fixture(scope="module")
def market() -> Market:
    import arch.data.sp500

    closes = arch.data.sp500.load()["Adj Close"]
    return of(closes)


def of(closes: pd.Series) -> Market:
    equity = Equity(closes.to_numpy(), cash=float(closes.iloc[0]))
    returns = equity.returns()
    years = (closes.index[-1] - closes.index[0]) / pd.Timedelta(days=365.25)
    return Market(closes, equity, returns, pd.Series(returns.values, index=closes.index[1:]), years)


def test_what_is_the_same(market: Market) -> None:
    returns, series = market.returns, market.series
    assert len(series) == 5030
    assert sharpe(returns, periods_per_year=252.0) == pytest.approx(
        empyrical.sharpe_ratio(series), rel=EXACT
    )
    assert sortino(returns, periods_per_year=252.0) == pytest.approx(
        empyrical.sortino_ratio(series), rel=EXACT
    )
    assert annualised_volatility(returns, periods_per_year=252.0) == pytest.approx(
        empyrical.annual_volatility(series), rel=EXACT
    )
    # a fall is a positive fraction here, a negative one there
    assert max_drawdown(market.equity) == pytest.approx(-empyrical.max_drawdown(series), rel=EXACT)


def test_growth_a_year_is_by_elapsed_time_here_and_by_periods_there(market: Market) -> None:
    growth = market.equity.final / market.equity.cash
    ours, theirs = cagr(market.equity, years=market.years), empyrical.annual_return(market.series)
    assert market.years == pytest.approx(7301 / 365.25)
    assert ours == pytest.approx(growth ** (365.25 / 7301) - 1, rel=1e-12)
    assert theirs == pytest.approx(growth ** (252 / 5030) - 1, rel=1e-12)
    assert (ours, theirs) == (
        pytest.approx(0.0363422910906932, rel=EXACT),
        pytest.approx(0.03639554326851813, rel=EXACT),
    )
    # with their years ours says the same
    assert cagr(market.equity, years=5030 / 252) == pytest.approx(theirs, rel=EXACT)


def test_calmar_differs_by_its_growth_alone(market: Market) -> None:
    fall = max_drawdown(market.equity)
    ours = calmar(cagr(market.equity, years=market.years), fall)
    theirs = empyrical.calmar_ratio(market.series)
    assert (ours, theirs) == (
        pytest.approx(0.06401064357415619, rel=EXACT),
        pytest.approx(0.06410443805083878, rel=EXACT),
    )
    assert calmar(empyrical.annual_return(market.series), fall) == pytest.approx(theirs, rel=EXACT)


def test_a_first_return_of_0_counts_there_if_it_is_handed_in(market: Market) -> None:
    """`pct_change().fillna(0)` adds a return that nobody had; we have no first return."""
    padded = market.closes.pct_change().fillna(0.0)
    assert empyrical.sharpe_ratio(padded) == pytest.approx(0.2827111246154822, rel=EXACT)
    assert empyrical.sortino_ratio(padded) == pytest.approx(0.39857441210250033, rel=EXACT)
    assert sharpe(Returns(padded.to_numpy()), periods_per_year=252.0) == pytest.approx(
        empyrical.sharpe_ratio(padded), rel=EXACT
    )
    # left as NaN, empyrical skips it, and counts it in the years
    missing = market.closes.pct_change()
    assert empyrical.sharpe_ratio(missing) == pytest.approx(
        sharpe(market.returns, periods_per_year=252.0), rel=EXACT
    )
    growth = market.equity.final / market.equity.cash
    assert empyrical.annual_return(missing) == pytest.approx(growth ** (252 / 5031) - 1, rel=1e-12)


def test_sortino_is_over_all_returns_in_both(market: Market) -> None:
    """The other convention, the deviation of the falls among themselves, is another number."""
    falls = market.series[market.series < 0]
    other = market.series.mean() * 252 / (falls.std() * np.sqrt(252))
    assert other == pytest.approx(0.3689044642109952, rel=EXACT)
    assert sortino(market.returns, periods_per_year=252.0) == pytest.approx(
        0.39861402985639793, rel=EXACT
    )


def test_what_is_undefined_is_none_here(market: Market) -> None:
    rising = pd.Series([0.01, 0.02, 0.03])
    assert sortino(Returns(rising.to_numpy()), periods_per_year=252.0) is None
    assert empyrical.sortino_ratio(rising) == np.inf
    assert calmar(0.1, 0.0) is None
    assert np.isnan(empyrical.calmar_ratio(rising))
    still = pd.Series([0.01, 0.01, 0.01])
    assert sharpe(Returns(still.to_numpy()), periods_per_year=252.0) is None


def test_rolling_windows(market: Market) -> None:
    window = 126
    found = rolling_metrics(market.returns, window, periods_per_year=252.0)
    assert np.isnan(found.sharpe[: window - 1]).all()
    for ours, theirs in (
        (found.sharpe, empyrical.roll_sharpe_ratio(market.series, window)),
        (found.annualised_volatility, empyrical.roll_annual_volatility(market.series, window)),
        (found.max_drawdown, -empyrical.roll_max_drawdown(market.series, window)),
    ):
        np.testing.assert_allclose(ours[window - 1 :], theirs, rtol=1e-9, atol=1e-12)
    # a series shorter than the window: one value there, none here
    short = market.series.iloc[:50]
    assert len(empyrical.roll_sharpe_ratio(short, window)) == 1
    brief = rolling_metrics(Returns(short.to_numpy()), window, periods_per_year=252.0)
    assert np.isnan(brief.sharpe).all()


def test_calendar_years(market: Market) -> None:
    found = metrics_by_period(
        market.equity,
        market.closes.index.year.to_numpy(np.int64),
        headline=np.arange(len(market.equity)),
        exit_bar=np.empty(0, np.int64),
        pnl=np.empty(0),
        periods_per_year=252.0,
    )
    theirs = empyrical.aggregate_returns(market.series, "yearly")
    assert found.period.tolist() == theirs.index.tolist()
    # absolute: growth is near 1, a product of 250 factors there and one quotient here
    np.testing.assert_allclose(found.total_return, theirs, rtol=0.0, atol=1e-13)
    for place, year in enumerate(found.period.tolist()):
        part = market.series[market.series.index.year == year]
        assert found.sharpe[place] == pytest.approx(empyrical.sharpe_ratio(part), rel=1e-10)
        assert found.max_drawdown[place] == pytest.approx(-empyrical.max_drawdown(part), rel=EXACT)


def test_buy_and_hold_of_the_oracle(goog: pd.DataFrame) -> None:
    """Origin of the numbers: empyrical-reloaded 0.7.1 on the GOOG closes of backtesting 0.6.6."""
    held = of(goog["close"])
    assert len(held.series) == 2147
    assert empyrical.sharpe_ratio(held.series) == pytest.approx(0.8815185699129495, rel=1e-12)
    assert empyrical.sortino_ratio(held.series) == pytest.approx(1.3541673631507354, rel=1e-12)
    assert empyrical.calmar_ratio(held.series) == pytest.approx(0.4243536011708422, rel=1e-12)
    assert sharpe(held.returns, periods_per_year=252.0) == pytest.approx(
        0.8815185699129495, rel=1e-12
    )
    assert sortino(held.returns, periods_per_year=252.0) == pytest.approx(
        1.3541673631507354, rel=1e-12
    )
    fall = max_drawdown(held.equity)
    by_periods = cagr(held.equity, years=2147 / 252)
    assert calmar(by_periods, fall) == pytest.approx(0.4243536011708422, rel=1e-12)
    # ours, from the dates, the closes and empyrical's fall
    prices = goog["close"]
    days = (prices.index[-1] - prices.index[0]).days
    growth = (prices.iloc[-1] / prices.iloc[0]) ** (365.25 / days) - 1
    assert calmar(cagr(held.equity, years=held.years), fall) == pytest.approx(
        growth / -empyrical.max_drawdown(held.series), rel=1e-12
    )


def test_the_numbers_of_the_page_are_these(root: Path) -> None:
    page = (root / "docs" / "metrics.md").read_text(encoding="utf-8")
    section = page.split("## Beside empyrical")[1]
    for number in ("0.282739", "0.398614", "0.190982", "0.567754", "0.036342", "0.036396"):
        assert re.search(rf"(?<!\d){re.escape(number)}(?!\d)", section), number
    for number in ("0.064011", "0.064104", "0.282711", "0.398574", "0.368904"):
        assert re.search(rf"(?<!\d){re.escape(number)}(?!\d)", section), number
