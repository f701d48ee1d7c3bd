"""The plan: what decides a study's id, how it is cut, and what is refused before anything runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import Execution, FixedFraction, VolatilityTarget
from hyprl_lab.engine.config import AllIn
from hyprl_lab.errors import ConfigError, SpaceError
from hyprl_lab.hashing import digest
from hyprl_lab.research.search.halving import Halving
from hyprl_lab.research.search.plan import Asked, held_out, plan, shard_size
from hyprl_lab.strategy.builtin import dual_sma

SPACE = {"fast": range(3, 9), "slow": range(10, 40)}


@pytest.fixture
def bars() -> Bars:
    return load_bars("TEST")


def asked(**options: Any) -> Asked:
    default = Asked(
        strategy=dual_sma(),
        space=SPACE,
        where=None,
        objective="sharpe",
        constraints=(),
        holdout=0.2,
        risk=AllIn(),
        execution=Execution(),
        cash=10_000.0,
        sampler="grid",
        max_trials=None,
        halving=None,
        seed=0,
        ledger="full",
        preset=None,
    )
    return replace(default, **options)


def test_everything_that_decides_trials_or_ranking_is_in_the_spec(bars: Bars) -> None:
    random = {"sampler": "random", "max_trials": 20}
    variants: list[dict[str, Any]] = [
        {},
        {"space": {**SPACE, "fast": range(3, 8)}},
        {"where": "fast < slow - 2"},
        {"objective": "cagr"},
        {"objective": ["sharpe", "cagr"]},
        {"constraints": ["trades > 3"]},
        {"holdout": 0.1},
        {"risk": FixedFraction(0.5)},
        {"execution": Execution(fee_bps=1)},
        {"cash": 9_000.0},
        {"halving": Halving(2, 1)},
        {"halving": Halving(3, 1)},
        {"seed": 1},
        {"ledger": "summary"},
        {"preset": "wide@1:ab"},
        random,
        {**random, "max_trials": 21},
        {**random, "seed": 1},
        {**random, "sampler": "sobol"},
    ]
    ids = [digest(plan(bars, asked(**options)).spec()) for options in variants]
    assert len(set(ids)) == len(variants)
    assert digest(plan(bars, asked()).spec()) == ids[0]
    one = plan(bars, asked(objective=["sharpe"]))
    assert one.objective == "sharpe"
    assert digest(one.spec()) == ids[0]  # one objective in a list is that objective


def test_shards_are_cut_by_the_number_of_bars_alone() -> None:
    assert [shard_size(bars) for bars in (1, 5_031, 200_000, 10**9)] == [32_768, 32_768, 1_342, 64]


def test_the_holdout_is_the_end_of_the_bars(bars: Bars) -> None:
    kept, start = held_out(bars, 0.25)
    assert (len(kept), start) == (375, int(bars.ts[375]))
    assert held_out(bars, 0.0) == (bars, None)


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"sampler": "random"}, SpaceError, "max_trials"),
        ({"sampler": "grid", "max_trials": 5}, SpaceError, "sampler"),
        ({"sampler": "gird"}, SpaceError, "is 'gird'; choose 'grid', .*'tpe'"),
        ({"sampler": None}, SpaceError, "is None, .*; choose 'grid', 'random', .*'nsga2'"),
        ({"sampler": 3}, SpaceError, "sampler is 3"),
        ({"sampler": "tpe", "max_trials": np.int64(5)}, SpaceError, "max_trials is np.int64"),
        ({"holdout": "0.2"}, ConfigError, "holdout is '0.2'; expected a share"),
        ({"holdout": None}, ConfigError, "holdout is None; expected a share"),
        ({"holdout": float("nan")}, ConfigError, "holdout is nan"),
        ({"halving": 3}, ConfigError, "hl.Halving"),
        ({"halving": Halving(10, 3)}, SpaceError, "halving cuts"),
        ({"ledger": "none"}, ConfigError, "'full' or 'summary'"),
        ({"preset": 3}, ConfigError, "preset"),
        ({"objective": []}, SpaceError, "objective"),
        ({"objective": "sharp"}, SpaceError, "sharpe"),
        ({"space": {**SPACE, "execution.fee": [1]}}, SpaceError, "execution.fee_bps"),
        ({"space": {**SPACE, "execution.participation_rate": [0.1, 7.0]}}, SpaceError, "7"),
        (
            {
                "space": {**SPACE, "risk.window": [10, 900]},
                "risk": VolatilityTarget(0.1, window=20),
            },
            ConfigError,
            "900",
        ),
    ],
)
def test_refused_with_the_mend(
    bars: Bars, options: dict[str, Any], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        plan(bars, asked(**options))


def test_corners_that_a_condition_keeps_away_from_are_not_looked_at(bars: Bars) -> None:
    leveraged = {**SPACE, "risk.fraction": [0.5, 2.0], "execution.leverage": [1, 2.5]}
    fits = asked(
        space=leveraged, where="risk.fraction <= execution.leverage", risk=FixedFraction(0.5)
    )
    assert plan(bars, fits).points.size == 6 * 30 * 3
    costs = {**SPACE, "execution.slippage_bps": [0, 9000], "execution.spread_pct": [0, 0.5]}
    cheap = asked(space=costs, where="execution.slippage_bps + execution.spread_pct * 5000 < 10000")
    assert plan(bars, cheap).points.size == 6 * 30 * 3


def test_ten_billion_points_are_refused_at_once(bars: Bars) -> None:
    fees = [step / 10**8 for step in range(10**4)]
    names = ("execution.fee_bps", "execution.slippage_bps")
    space = {"fast": range(3, 53), "slow": range(50, 250, 100), **dict.fromkeys(names, fees)}
    for where in (None, "fast < slow"):
        with pytest.raises(SpaceError, match=r"10,000,000,000 points.*sampler.*max_trials"):
            plan(bars, asked(space=space, where=where))
    drawn = plan(bars, asked(space=space, sampler="sobol", max_trials=32, where="fast < slow"))
    assert drawn.points.size == 32
