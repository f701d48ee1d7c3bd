from __future__ import annotations

from pathlib import Path

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.errors import InputError
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.study import Study, StudyGroup, one_study
from hyprl_lab.research.walk_forward import walk_forward
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma


def test_one_is_taken_and_a_group_is_not(tmp_path: Path) -> None:
    bars, space = load_bars("TEST"), {"fast": [2, 3], "slow": [5, 6]}
    halves = [bars.take(0, 250), bars.take(250, 500)]
    group = supersearch(halves, dual_sma(), space, warehouse=Warehouse(tmp_path), progress=False)
    assert isinstance(group, StudyGroup)
    study = group[group.names[0]]
    assert isinstance(study, Study)
    assert one_study(study) is study
    for refuses in (one_study, walk_forward):
        with pytest.raises(InputError, match=r"a group of 2 studies; .* group\['TEST 1d"):
            refuses(group)
        with pytest.raises(InputError, match=r"found 7; expected what hl\.supersearch returned"):
            refuses(7)
    with pytest.raises(InputError, match="found 'x'; expected a run or a study"):
        one_study("x", expected="a run or a study")
