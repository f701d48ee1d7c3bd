from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hyprl_lab.research import stats
from hyprl_lab.research.validation.checks.sharpe import NO_SPREAD

NAMES = ("haircut_sharpe", "haircut_p_value")


def test_it_is_charged_for_every_trial_of_the_ledger(read, moments, ledger) -> None:
    few, many = (
        read("haircut", ledger=replace(ledger, trials=trials), moments=replace(moments, sharpe=0.6))
        for trials in (1, 20)
    )
    assert few[NAMES[0]].value > many[NAMES[0]].value > 0.0
    assert few[NAMES[1]].value < many[NAMES[1]].value
    assert "Charged for 20 trials" in many[NAMES[0]].reading


def test_it_is_the_function_of_hl_stats(read, moments, ledger) -> None:
    from hyprl_lab.research.validation.checks.haircut import _autocorrelation

    returns = np.array([0.01, -0.02, 0.015, -0.01, 0.02, -0.005])
    expected = np.corrcoef(returns[:-1], returns[1:])[0, 1]
    assert _autocorrelation(returns) == pytest.approx(expected, rel=1e-12)
    assert _autocorrelation(np.array([0.0, 0.0, 0.1])) == 0.0
    rows = read("haircut")
    found = stats.haircut_sharpe(
        moments.sharpe * math.sqrt(250.0), moments.n, ledger.trials, periods_per_year=250.0
    )
    assert found.adjusted_p_value == pytest.approx(1.0)
    assert rows[NAMES[1]].value == 1.0
    assert rows[NAMES[0]].value == 0.0


def test_a_loss_is_not_cut(read, moments) -> None:
    row = read("haircut", moments=replace(moments, sharpe=-0.05))[NAMES[0]]
    assert row.value < 0.0
    assert row.reading.endswith("there is nothing to cut.")


def test_without_spread_or_trials_there_is_none(read, ledger) -> None:
    assert read("haircut", moments=None)[NAMES[0]].reason == NO_SPREAD
    none = read("haircut", ledger=replace(ledger, trials=0))
    assert none[NAMES[0]].reason == "the ledger holds no trial on these bars; record the run"
