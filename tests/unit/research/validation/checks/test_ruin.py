from __future__ import annotations

from pathlib import Path

import numpy as np

import hyprl_lab as hl
from hyprl_lab.research.stats import wilson_interval
from hyprl_lab.research.validation.checks.bootstrap import TOO_FEW
from hyprl_lab.research.validation.ruin_paths import RuinPaths, ruin_paths
from hyprl_lab.research.validation.subject import subject_of
from hyprl_lab.strategy.builtin import dual_sma

NAMES = ("risk_of_ruin", "risk_of_ruin_upper", "risk_of_ruin_initial")
SPACE = {"fast": [3, 5], "slow": [9, 20]}


def test_its_readings(read) -> None:
    """Returns of -20 % and +10 %: what is counted is read off the evidence, and Wilson's end."""
    returns = np.tile([-0.2, 0.1, 0.1], 10)
    found = ruin_paths(returns, horizon=12, resamples=400, seed=2)
    rows = read("ruin", found=found)
    hits = found.risk.hits
    assert 0 < hits < 400
    assert rows[NAMES[0]].value == (hits + 1) / 401
    assert f"was reached in {hits} of 400 resampled years" in rows[NAMES[0]].reading
    assert rows[NAMES[1]].value == wilson_interval(hits, 400).high
    assert rows[NAMES[2]].value == (found.risk.capital_hits + 1) / 401
    assert rows[NAMES[2]].reading.startswith("50% of the capital at the start was lost")


def test_of_a_study(tmp_path: Path) -> None:
    study = hl.supersearch(
        hl.load_bars("TEST"), dual_sma(), SPACE, warehouse=hl.Warehouse(tmp_path), progress=False
    )
    first = hl.validate(study, checks=["ruin"], ruin_resamples=200, seed=4)
    returns = subject_of(study).returns
    assert returns is not None
    expected = ruin_paths(returns, horizon=252, resamples=200, seed=4)
    assert isinstance(first.evidence["ruin"], RuinPaths)
    assert first.evidence["ruin"] == expected
    assert first.row("risk_of_ruin").value == expected.risk.probability
    again = hl.validate(study, checks=["ruin"], ruin_resamples=200, seed=4)
    assert again.hash == first.hash
    other = hl.validate(study, checks=["ruin"], ruin_resamples=300, seed=4)
    assert other.row("risk_of_ruin_initial").value != first.row("risk_of_ruin_initial").value


def test_without_trades_there_is_none(tmp_path: Path) -> None:
    never = hl.Strategy("never", long_entry=hl.close > 1e9)
    run = hl.backtest(hl.load_bars("TEST"), never, warehouse=hl.Warehouse(tmp_path))
    found = hl.validate(run, checks=["ruin"])
    assert [found.row(name).reason for name in NAMES] == [TOO_FEW] * 3
