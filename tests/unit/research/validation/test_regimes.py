from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import hyprl_lab as hl
from hyprl_lab.engine import run
from hyprl_lab.research.stats import return_moments
from hyprl_lab.research.validation.regimes import (
    LEAST,
    Regime,
    Regimes,
    regimes,
    trailing_thirds,
    trailing_trend,
)
from hyprl_lab.strategy.builtin import dual_sma

PARAMS = {"fast": 5, "slow": 20}


def test_by_hand() -> None:
    """The deviations of two returns are |a - b|/√2: 2, 3, 4, 5, 6, 4 and 2 hundredths over √2.

    Ranked from the third on: the largest of 3, of 4 and of 5; the third of six, which a tie makes
    3/6; the lowest of seven, 1/7 by its tie.
    """
    moves = np.array([1, -1, 2, -2, 3, -3, 1, -1.0]) / 100
    closes = 100 * np.concatenate(([1.0], np.cumprod(1.0 + moves)))
    found = trailing_thirds(closes, month=2, least=3)
    assert found.tolist() == [-1, -1, -1, -1, 2, 2, 2, 1, 0]
    assert trailing_trend(closes, quarter=4)[4:].tolist() == [0, 1, 0, 0, 0]
    assert trailing_trend(closes, quarter=9).tolist() == [-1.0] * 9


def test_equal_volatilities_are_in_the_middle() -> None:
    closes = 100 * np.cumprod(np.tile([1.01, 0.98], 20))
    assert set(trailing_thirds(closes, month=4, least=5)[10:].tolist()) == {1.0}


def test_nothing_later_changes_what_was_known() -> None:
    closes = np.exp(np.random.default_rng(1).normal(0, 0.01, 400).cumsum())
    changed = closes.copy()
    changed[300:] *= np.exp(np.random.default_rng(2).normal(0, 0.2, 100).cumsum())
    for states in (
        lambda given: trailing_thirds(given, month=21, least=63),
        lambda given: trailing_trend(given, quarter=63),
    ):
        assert states(closes)[:300].tolist() == states(changed)[:300].tolist()
        assert states(closes)[:300].tolist() == states(closes[:300]).tolist()


@pytest.mark.parametrize("start", [None, "2005-01-01"])
def test_a_return_belongs_to_the_close_it_starts_at(start: str | None) -> None:
    """The same from pandas: rolling deviations, expanding ranks, states shifted by one close."""
    bars = hl.load_bars("sp500").take(0, 2500)
    result = run(bars, dual_sma(), params=PARAMS, period=(start, None))
    found = regimes(result, result.returns.to_numpy())
    assert (found.month, found.quarter) == (21, 63)
    closes = pd.Series(bars.columns["close"])
    deviation = closes.pct_change().rolling(21).std()
    rank = (deviation.expanding(1).rank() - 0.5) / deviation.expanding(1).count()
    rank[deviation.expanding(1).count() < 63] = np.nan
    rise = closes.pct_change(63)
    first = result.window.start
    returns = result.returns.to_numpy()
    rank, rise = rank.iloc[first:-1].to_numpy(), rise.iloc[first:-1].to_numpy()
    masks = {
        "calm": rank <= 1 / 3,
        "middling": (rank > 1 / 3) & (rank <= 2 / 3),
        "stormy": rank > 2 / 3,
        "rising": rise > 0,
        "falling": rise <= 0,
    }
    assert found.unknown == np.isnan(rank).sum() == (0 if start else 83)
    for regime in found.table:
        chosen = returns[masks[regime.name]]
        moments = return_moments(chosen)
        assert moments is not None
        assert regime.n == len(chosen)
        assert regime.sharpe == pytest.approx(moments.sharpe * np.sqrt(252), rel=1e-12)
        assert regime.total_return == pytest.approx(np.prod(1 + chosen) - 1, rel=1e-12)
    worst = min(found.table, key=lambda regime: regime.sharpe or 0)
    assert found.worst == worst
    made_money = sum(regime.total_return > 0 for regime in found.table)
    assert found.profitable == made_money / 5
    assert json.loads(json.dumps(found.to_dict()))["table"][0]["name"] == "calm"


def test_intraday_bars_are_looked_at_by_session() -> None:
    hours = 24 * 150
    ts = 3_600_000_000 * np.arange(hours) + 86_400_000_000 * 19_000
    price = 100 * np.exp(np.random.default_rng(3).normal(0, 0.003, hours).cumsum())
    table = dict.fromkeys(("open", "high", "low", "close"), price)
    bars = hl.Bars.from_arrays(ts, table, symbol="X", timeframe="1h", calendar="24/7")
    result = run(bars, dual_sma(), params=PARAMS)
    found = regimes(result, result.returns.to_numpy())
    assert (found.month, found.quarter) == (30, 91)
    assert sum(regime.n for regime in found.table[3:]) == 149 - 91
    assert found.unknown == 149 - sum(regime.n for regime in found.table[:3])


def test_few_or_equal_returns_say_nothing() -> None:
    bars = hl.load_bars("sp500").take(0, 60)
    result = run(bars, dual_sma(), params=PARAMS)
    found = regimes(result, result.returns.to_numpy())
    assert found.counted == ()
    assert found.worst is None
    assert found.profitable is None
    assert {regime.reason for regime in found.table} == {f"fewer than {LEAST} returns"}
    never = run(hl.load_bars("sp500").take(0, 400), hl.Strategy("no", long_entry=hl.close > 1e9))
    table = regimes(never, never.returns.to_numpy()).table
    assert "the returns do not vary" in {regime.reason for regime in table}


def test_those_without_a_ratio_are_not_counted() -> None:
    some = Regime(by="trend", name="rising", n=30, sharpe=-0.5, total_return=-0.1)
    other = Regime(by="trend", name="falling", n=30, sharpe=0.5, total_return=0.1)
    none = Regime(by="volatility", name="calm", n=3, sharpe=None, total_return=0.4, reason="few")
    found = Regimes(month=21, quarter=63, unknown=0, table=(none, some, other))
    assert found.worst == some
    assert found.profitable == 0.5
