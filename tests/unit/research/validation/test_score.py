from __future__ import annotations

import json

import numpy as np
import pytest

from hyprl_lab.research.validation.neighbourhood import Neighbour, Neighbourhood
from hyprl_lab.research.validation.score import Robustness, block_profits, robustness
from hyprl_lab.research.validation.stress import Stress, StressedRun
from hyprl_lab.research.walk_forward import WalkForward, Window

# six of eight blocks of two in profit; the first return is in none
RETURNS = np.array([9.0, *[0.02, -0.01] * 6, *[0.01, -0.02] * 2])


def ran(sharpe: float | None, impossible: str | None = None) -> StressedRun:
    return StressedRun(changed={}, sharpe=sharpe, reasons={}, impossible=impossible)


def stressed(base: float | None, both: float | None, impossible: str | None = None) -> Stress:
    nothing = ran(None)
    return Stress(
        base=ran(base),
        costs=nothing,
        late=nothing,
        both=ran(both, impossible),
        fills=nothing,
        cost_bps=5.0,
        assumed_bps=5.0,
    )


def beside(selected: float, *others: float) -> Neighbourhood:
    return Neighbourhood(
        way="steps",
        moved=("fast",) if others else (),
        fixed=(),
        edges=(),
        params={"fast": 5.0},
        sharpe=selected,
        neighbours=tuple(Neighbour(params={}, sharpe=one, trial=0) for one in others),
    )


def walked(train: float | None, returns: list[float]) -> WalkForward:
    window = Window(
        train_start=0,
        test_start=1,
        test_end=2,
        trials=1,
        params=None if train is None else {"fast": 5.0},
        train_sharpe=train,
        test_sharpe=None,
        test_return=0.0,
        trades=1,
        reason=None,
    )
    return WalkForward(
        windows=(window,),
        anchored=False,
        train=1,
        test=1,
        ts=np.arange(len(returns)),
        returns=np.array(returns),
        periods_per_year=1.0,
        seed=0,
    )


def score(stress: Stress, near: Neighbourhood | None, walk: WalkForward | None) -> Robustness:
    return robustness(
        RETURNS, stress, neighbourhood=near, walk_forward=walk, no_search="there was no search"
    )


def test_by_hand() -> None:
    """Parts of 0.8, 1 (a Sharpe ratio of 2 beside 1.6), 0.75 and (6/8 - 1/2)/(1/2)."""
    found = score(stressed(2.0, 1.5), beside(2.0, 1.6, 1.6), walked(1.6, [0.1, 0.2, 0.3]))
    assert found.neighbourhood == pytest.approx(0.8)
    assert found.walk_forward == 1.0
    assert found.costs == pytest.approx(0.75)
    assert found.time == pytest.approx(0.5)
    assert found.score == pytest.approx(100 * (0.8 * 1 * 0.75 * 0.5) ** 0.25)
    assert found.reasons == {}
    assert json.loads(json.dumps(found.to_dict()))["score"] == found.score


def test_what_did_not_trade_counts_as_nothing() -> None:
    found = score(stressed(2.0, None), beside(2.0, 1.6), walked(None, [0.0, 0.0]))
    assert (found.walk_forward, found.costs, found.score) == (0.0, 0.0, 0.0)


def test_a_base_that_loses_scores_nothing() -> None:
    found = score(stressed(-1.0, -2.0), beside(-1.0, -2.0), walked(-1.0, [-0.1, -0.2, -0.3]))
    assert found.score == 0.0
    assert (found.neighbourhood, found.walk_forward, found.costs) == (0.0, 0.0, 0.0)


def test_a_single_run_has_two_parts_and_no_score() -> None:
    found = score(stressed(2.0, 1.0), None, None)
    assert (found.score, found.neighbourhood, found.walk_forward) == (None, None, None)
    assert (found.costs, found.time) == (0.5, 0.5)
    assert found.reason("score") == found.reason("walk_forward") == "there was no search"


def test_a_part_that_is_missing_says_why() -> None:
    walk = walked(1.6, [0.1, 0.2, 0.3])
    alone = score(stressed(2.0, 1.0), beside(2.0), walk)
    assert alone.score is None
    assert alone.reason("score") == "no parameter of the space has neighbouring values"
    dear = score(stressed(2.0, None, "fee_bps is too much"), beside(2.0, 1.0), walk)
    assert (dear.score, dear.costs) == (None, None)
    assert dear.reason("costs") == "fee_bps is too much"
    short = robustness(
        RETURNS[:7],
        stressed(2.0, 1.0),
        neighbourhood=beside(2.0, 1.0),
        walk_forward=walk,
        no_search="",
    )
    assert short.profits == ()
    assert short.reason("time") == "fewer than 8 headline returns"


def test_blocks_are_equal_and_the_oldest_returns_are_in_none() -> None:
    profits = block_profits(RETURNS)
    assert profits == pytest.approx([1.02 * 0.99 - 1] * 6 + [1.01 * 0.98 - 1] * 2)
    assert block_profits(np.zeros(16)) == (0.0,) * 8
