"""What the steps of the demo hand to the library; the demo itself runs in test_demo.py."""

from __future__ import annotations

from math import comb

import pytest

import hyprl_lab as hl
from hyprl_lab.cli import demo_steps
from hyprl_lab.errors import PromotionError
from hyprl_lab.strategy import builtin


def test_the_strategy_is_the_built_in_one_with_a_stop() -> None:
    made, plain = demo_steps.strategy_with_stop(), builtin.get("dual_sma")
    assert made.stop_loss is not None
    assert made.stop_loss.node.value == demo_steps.STOP
    assert repr(made.long_entry) == repr(plain.long_entry)
    assert made.hash != plain.hash


def test_the_space_is_every_pair_of_windows_from_2_to_100() -> None:
    fast, slow = demo_steps.SPACE["fast"], demo_steps.SPACE["slow"]
    pairs = [(f, s) for f in fast for s in slow if f < s]
    assert len(pairs) == comb(99, 2) == 4851
    assert (min(pairs), max(pairs)) == ((2, 3), (99, 100))


def test_a_run_is_found_again_and_risks_what_it_says() -> None:
    bars, strategy = hl.load_bars("TEST"), demo_steps.strategy_with_stop()
    first, reused = demo_steps.saved_backtest(bars, strategy, {"fast": 5, "slow": 20})
    again, found = demo_steps.saved_backtest(bars, strategy, {"fast": 5, "slow": 20})
    assert (reused, found) == (False, True)
    assert first.run_hash == again.run_hash
    # 2 % of equity over a stop of 5 %: the first position is 40 % of the account
    entry = first.trades.iloc[0]
    assert entry["quantity"] * entry["entry_price"] == pytest.approx(0.4 * first.cash, rel=1e-3)


def test_nothing_to_report_where_nothing_met_the_constraints() -> None:
    study = hl.supersearch(
        hl.load_bars("TEST"),
        demo_steps.strategy_with_stop(),
        space={"fast": [5], "slow": [20]},
        constraints=["trades >= 100000"],
    )
    with pytest.raises(PromotionError, match="no trial met the constraints"):
        demo_steps.best_run(study)
