from __future__ import annotations

from pathlib import Path

import pytest

import hyprl_lab as hl
from hyprl_lab.data import load_bars
from hyprl_lab.research.validation import validate
from hyprl_lab.research.validation.checks.walk_forward import NO_SEARCH
from hyprl_lab.research.validation.cross_validation import CrossValidation
from hyprl_lab.strategy.builtin import dual_sma

NAMES = ("cpcv_sharpe_5", "cpcv_sharpe_50")


@pytest.mark.parametrize("rows", [900, 120])
def test_of_a_study(tmp_path: Path, rows: int) -> None:
    study = hl.supersearch(
        load_bars("sp500").take(0, rows),
        dual_sma(),
        {"fast": [3, 5, 8], "slow": [20, 30, 40]},
        warehouse=hl.Warehouse(tmp_path),
        progress=False,
    )
    found = validate(study, checks=["cpcv"])
    if rows == 120:  # 96 of them searched
        assert {found.row(name).reason for name in NAMES} == {"fewer than 100 headline returns"}
        return
    kept = found.evidence["cpcv"]
    assert isinstance(kept, CrossValidation)
    assert (kept.trials, kept.splits, len(kept.sharpes)) == (9, 45, 9)
    assert found.row(NAMES[0]).value == kept.quantile(0.05)
    assert found.row(NAMES[1]).value == kept.quantile(0.5)
    assert found.row(NAMES[0]).reading.startswith(
        "Choosing by Sharpe ratio among 9 trials of the search on some of 10 parts of the record"
    )
    assert validate(study, checks=["cpcv"], threads=1).hash == found.hash


def test_a_single_run_chose_nothing(read) -> None:
    rows = read("cpcv")
    assert [rows[name].reason for name in NAMES] == [NO_SEARCH] * 2
