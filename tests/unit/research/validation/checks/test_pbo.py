from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hyprl_lab import research
from hyprl_lab.data import load_bars
from hyprl_lab.research.validation import validate
from hyprl_lab.research.validation.checks.walk_forward import NO_SEARCH
from hyprl_lab.research.validation.search_overfitting import SearchOverfitting
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

FOUND = SearchOverfitting(
    trials=4_851,
    pruned=0,
    failed=0,
    repeated=0,
    probability=0.4332556,
    mean_logit=-1.0986122886681098,
    splits=12_870,
)
NAMES = ("probability_of_backtest_overfitting", "pbo_mean_logit")


def test_its_readings(read) -> None:
    first, second = (read("pbo", found=FOUND)[name] for name in NAMES)
    assert first.value == 0.4332556
    assert first.reading == (
        "Of 12,870 ways to choose the best of 4,851 trials on half of the history, 43.3% chose "
        "one that was no better than the median on the other half."
    )
    assert second.value == -1.0986122886681098
    assert second.reading == (
        "A trial chosen on half of the history typically ranked above 25% of all trials on the "
        "other half."
    )
    doubtful = replace(FOUND, pruned=1_200, failed=3, inconclusive="they are alike")
    assert read("pbo", found=doubtful)[NAMES[0]].reading.endswith(
        "on the other half (without 1,200 pruned, 3 failed ones). Inconclusive: they are alike."
    )
    lazy = replace(FOUND, idle=1_500)
    assert read("pbo", found=lazy)[NAMES[0]].reading.endswith(
        "than the median on the other half, 1,500 of them one that was idle there."
    )
    nothing = replace(FOUND, probability=None, mean_logit=None, reason="there was no choice")
    assert read("pbo", found=nothing)[NAMES[0]].reason == "there was no choice"


def test_a_single_run_chose_nothing(read) -> None:
    rows = read("pbo")
    assert [rows[name].reason for name in NAMES] == [NO_SEARCH] * 2


@pytest.mark.parametrize("ledger", ["full", "summary"])
def test_of_a_study(tmp_path: Path, ledger: str) -> None:
    study = research.supersearch(
        load_bars("sp500").take(0, 700),
        dual_sma(),
        {"fast": [3, 5, 8], "slow": [20, 30, 40]},
        warehouse=Warehouse(tmp_path),
        ledger=ledger,
        progress=False,
    )
    found = validate(study, checks=["pbo"])
    row = found.row(NAMES[0])
    if ledger == "summary":
        assert row.value is None
        assert "run the same search with ledger='full'" in row.reading
        return
    kept = found.evidence["pbo"]
    assert isinstance(kept, SearchOverfitting)
    assert kept.trials == 9
    assert row.value == kept.probability
    assert found.row(NAMES[1]).value == kept.mean_logit
    again = validate(study, checks=["pbo"])
    assert again.evidence["pbo"] == kept
    assert again.hash == found.hash
