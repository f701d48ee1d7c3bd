from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.engine import run
from hyprl_lab.research.stats import monte_carlo
from hyprl_lab.research.validation.outcomes import POINTS, Outcomes, outcomes, trade_returns
from hyprl_lab.strategy.builtin import dual_sma


def with_money(cash: float, money: list[float]) -> SimpleNamespace:
    return SimpleNamespace(
        cash=cash, simulation=SimpleNamespace(trades=SimpleNamespace(pnl=np.array(money)))
    )


def test_a_trade_is_measured_by_the_equity_that_it_found() -> None:
    found = trade_returns(with_money(100.0, [10.0, -11.0, 9.9]))  # type: ignore[arg-type]
    assert found.tolist() == pytest.approx([0.1, -0.1, 0.1])
    ruined = trade_returns(with_money(100.0, [-120.0, 50.0]))  # type: ignore[arg-type]
    assert ruined.tolist() == [-1.2]
    assert trade_returns(with_money(100.0, [])).tolist() == []  # type: ignore[arg-type]


@pytest.mark.parametrize("at_end", ["close", "mark"])
def test_trades_compound_to_the_run(at_end: str) -> None:
    result = run(
        hl.load_bars("TEST").take(0, 333),
        dual_sma(),
        params={"fast": 3, "slow": 9},
        execution=hl.Execution(at_end=at_end, fee_bps=5),  # type: ignore[arg-type]
    )
    assert np.prod(1.0 + trade_returns(result)) == pytest.approx(
        result.metrics.final_equity / result.cash, rel=1e-12
    )


def test_by_hand() -> None:
    """Trades that are all alike leave luck nothing to do."""
    found = outcomes(np.full(8, -0.1), np.zeros(0), vary=False, resamples=50, seed=0)
    assert found.returns is None
    for paths in (found.trades, found.shuffled):
        assert paths is not None
        assert paths.return_5 == pytest.approx(0.9**8 - 1)
        assert paths.drawdown_95 == pytest.approx(1 - 0.9**8)
        assert paths.path == pytest.approx([0.9**step for step in range(9)])


def test_what_is_kept_are_the_quantiles_of_the_paths() -> None:
    random = np.random.default_rng(3)
    trades, returns = random.normal(0.01, 0.05, 40), random.normal(0.001, 0.01, 400)
    found = outcomes(trades, returns, vary=True, resamples=200, seed=4)
    for paths, given, method in (
        (found.trades, trades, "resample"),
        (found.shuffled, trades, "shuffle"),
        (found.returns, returns, "bootstrap"),
    ):
        assert paths is not None
        whole = monte_carlo(given, method=method, resamples=200, seed=4)  # type: ignore[arg-type]
        assert paths.method == method
        assert paths.return_5 == np.quantile(whole.final_equities, 0.05) - 1.0
        assert paths.drawdown_95 == np.quantile(whole.max_drawdowns, 0.95)
        assert paths.max_drawdown == whole.max_drawdown
        assert len(paths.steps) <= POINTS + 1
        assert len(paths.fan) == 5
        assert paths.fan[0][-1] == pytest.approx(paths.return_5 + 1.0)
    assert found.shuffled is not None
    assert found.shuffled.return_5 == pytest.approx(found.shuffled.total_return)
    assert Outcomes.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_few_trades_have_no_paths() -> None:
    found = outcomes(np.full(7, 0.1), np.arange(7) / 100, vary=True, resamples=20, seed=0)
    assert (found.trades, found.shuffled, found.returns) == (None, None, None)
    assert Outcomes.from_dict(found.to_dict()) == found
