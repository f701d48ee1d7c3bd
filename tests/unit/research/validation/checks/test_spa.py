from __future__ import annotations

from pathlib import Path

import numpy as np

import hyprl_lab as hl
from hyprl_lab.data import Bars, load_bars
from hyprl_lab.research.validation import validate
from hyprl_lab.research.validation.checks.bootstrap import TOO_FEW
from hyprl_lab.research.validation.search_ability import SearchAbility
from hyprl_lab.strategy.builtin import dual_sma

NAMES = (
    "spa_p_value",
    "spa_lower_p_value",
    "spa_upper_p_value",
    "reality_check_p_value",
    "romano_wolf_p_value",
)


def test_of_a_study(tmp_path: Path) -> None:
    study = hl.supersearch(
        load_bars("sp500").take(0, 900),
        dual_sma(),
        {"fast": [3, 5, 8], "slow": [20, 30, 40]},
        warehouse=hl.Warehouse(tmp_path),
        progress=False,
    )
    found = validate(study, checks=["spa"], resamples=199)
    kept = found.evidence["spa"]
    assert isinstance(kept, SearchAbility)
    assert (kept.trials, kept.returns, kept.resamples) == (9, 719, 199)
    values = [found.row(name).value for name in NAMES]
    assert values == [kept.consistent, kept.lower, kept.upper, kept.reality_check, kept.chosen]
    assert kept.lower <= kept.consistent <= kept.upper
    assert found.row(NAMES[0]).reading == (
        "Were none of 9 trials that differ better than cash, the best would look as good in "
        f"{kept.consistent:.1%} of 199 resampled histories."
    )
    again = validate(study, checks=["spa"], resamples=199, threads=1)
    assert again.hash == found.hash


def test_of_a_single_run(tmp_path: Path) -> None:
    run = hl.backtest(
        load_bars("sp500").take(0, 900),
        dual_sma(),
        params={"fast": 5, "slow": 30},
        warehouse=hl.Warehouse(tmp_path),
    )
    kept = validate(run, checks=["spa"], resamples=199).evidence["spa"]
    assert isinstance(kept, SearchAbility)
    assert kept.trials == 1
    assert kept.reality_check == kept.chosen  # one model: both compare its mean alone


def test_constant_returns_have_none(tmp_path: Path) -> None:
    flat = {name: np.full(60, 100.0) for name in ("open", "high", "low", "close")}
    bars = Bars("FLAT", "1d", "24/7", np.arange(60) * 86_400_000_000, flat)
    run = hl.backtest(
        bars, dual_sma(), params={"fast": 2, "slow": 5}, warehouse=hl.Warehouse(tmp_path)
    )
    found = validate(run, checks=["spa"])
    assert [found.row(name).reason for name in NAMES] == [TOO_FEW] * 5
