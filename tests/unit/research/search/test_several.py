"""One search over several series: a study each, all checked first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data import Bars, Panel, load_bars
from hyprl_lab.errors import BarsError, SpaceError
from hyprl_lab.research.search import Halving, supersearch
from hyprl_lab.research.search.several import series_of
from hyprl_lab.research.study import StudyGroup
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.types import Progress

SPACE = {"fast": [3, 5], "slow": [20, 30]}


def other(bars: Bars) -> Bars:
    columns = {name: values * 2.0 for name, values in bars.columns.items()}
    return Bars.from_arrays(
        bars.ts, columns, symbol="OTHER", timeframe=bars.timeframe, calendar=bars.calendar
    )


@pytest.fixture
def bars() -> Bars:
    return load_bars("TEST")


def test_a_study_for_each_symbol_equal_to_the_one_alone(bars: Bars, tmp_path: Path) -> None:
    panel, seen = Panel([bars, other(bars)]), []

    def report(step: Progress) -> None:
        seen.append((step.done, step.total, step.before))

    group = supersearch(
        panel, dual_sma(), SPACE, warehouse=Warehouse(tmp_path / "a"), progress=report
    )
    assert isinstance(group, StudyGroup)
    assert [study.bars.symbol for study in group] == ["OTHER", "TEST"]
    assert seen == [(4, 8, 0), (8, 8, 4)]  # four of them in the seconds of the second search
    alone = supersearch(bars, dual_sma(), SPACE, warehouse=Warehouse(tmp_path / "b"))
    assert group[1].study_id == alone.study_id
    pd.testing.assert_frame_equal(group[1].trials(), alone.trials(), check_exact=True)


def test_of_windows_the_training_stretch_is_searched(bars: Bars, tmp_path: Path) -> None:
    windows = bars.windows(train=200, test=50)
    group = supersearch(
        windows, dual_sma(), SPACE, holdout=0.0, warehouse=Warehouse(tmp_path), threads=1
    )
    assert [study.search_bars.fingerprint for study in group] == [
        window.train.fingerprint for window in windows
    ]


def test_all_are_checked_before_the_first_runs(bars: Bars, tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    with pytest.raises(SpaceError, match="halving cuts"):
        supersearch(
            [bars, bars.take(0, 60)],
            dual_sma(),
            SPACE,
            halving=Halving(3, 2),
            warehouse=warehouse,
        )
    assert warehouse.sql("select count(*) as n from studies")["n"].iloc[0] == 0


def test_after_ctrl_c_the_rest_is_opened_and_not_evaluated(bars: Bars, tmp_path: Path) -> None:
    def interrupt(_: Progress) -> None:
        raise KeyboardInterrupt

    group = supersearch(
        [bars, other(bars)], dual_sma(), SPACE, progress=interrupt, warehouse=Warehouse(tmp_path)
    )
    assert [(study.complete, study.evaluated) for study in group] == [(True, 4), (False, 0)]


@pytest.mark.parametrize("given", [[], [1], ["a"], "TEST", 3, None, np.zeros(3)])
def test_what_is_no_series_is_refused(given: object) -> None:
    with pytest.raises(BarsError, match="bars"):
        series_of(given)


def test_the_same_twice_and_parts_that_belong_apart_are_refused(bars: Bars) -> None:
    with pytest.raises(BarsError, match="twice"):
        series_of([bars, bars])
    with pytest.raises(BarsError, match=r"\.train"):
        series_of(bars.windows(train=200, test=50)[0])
    with pytest.raises(BarsError, match=r"\.train"):
        series_of(bars.split())
