"""The best runs, and how many trials stand behind them."""

from __future__ import annotations

from typing import Any

import pytest

import hyprl_lab as hl
from hyprl_lab.errors import InputError
from hyprl_lab.research.runs.leaderboard import leaderboard
from hyprl_lab.strategy.builtin import dual_sma

FASTS = (5, 8, 11, 14)


def test_the_best_come_first_and_the_undefined_last(save: Any, warehouse: hl.Warehouse) -> None:
    made = [save(params={"fast": fast, "slow": 40}) for fast in FASTS]
    never = save(strategy=hl.Strategy("never", long_entry=hl.close < 0))
    table = leaderboard(warehouse=warehouse)
    best = sorted(made, key=lambda each: -(each.metrics.sharpe or 0.0))
    assert table["run_hash"].tolist() == [each.run_hash for each in [*best, never]]
    assert table.index.tolist() == [1, 2, 3, 4, 5]
    assert table["sharpe"].isna().tolist() == [False] * 4 + [True]
    assert leaderboard(n=2, warehouse=warehouse)["run_hash"].tolist() == [
        each.run_hash for each in best[:2]
    ]


def test_less_is_better_where_it_is(save: Any, warehouse: hl.Warehouse) -> None:
    made = [save(params={"fast": fast, "slow": 40}) for fast in FASTS]
    falls = sorted(each.metrics.max_drawdown or 0.0 for each in made)
    table = leaderboard("max_drawdown", warehouse=warehouse)
    assert table["max_drawdown"].tolist() == falls
    turned = leaderboard("max_drawdown", ascending=False, warehouse=warehouse)
    assert turned["max_drawdown"].tolist() == falls[::-1]


def test_the_trials_of_each_lineage_stand_beside_it(save: Any, warehouse: hl.Warehouse) -> None:
    study = hl.supersearch(
        hl.load_bars("TEST"), dual_sma(), {"fast": [3, 4, 6], "slow": [25, 30]}, warehouse=warehouse
    )
    save()
    other = hl.load_bars("sp500")
    save(bars=other)
    table = leaderboard(warehouse=warehouse).set_index("symbol")
    assert table.loc["TEST", "lineage_trials"] == warehouse.trial_count(study.lineage_root) == 7
    assert table.loc[other.symbol, "lineage_trials"] == 1


def test_a_run_by_both_engines_stands_once(save: Any, warehouse: hl.Warehouse) -> None:
    save(engine="native")
    save(engine="python")
    assert len(leaderboard(warehouse=warehouse)) == 1


def test_only_some(save: Any, warehouse: hl.Warehouse) -> None:
    save()
    assert len(leaderboard(symbol="SPY", warehouse=warehouse)) == 0
    assert len(leaderboard(where="trades > 1", warehouse=warehouse)) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"by": "luck"}, "by is 'luck'; expected a metric: total_return"),
        ({"by": "sharpe; drop"}, "expected a metric"),
        ({"n": 0}, "n is 0"),
        ({"n": True}, "n is True"),
    ],
)
def test_options_are_checked(warehouse: hl.Warehouse, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        leaderboard(**options, warehouse=warehouse)
