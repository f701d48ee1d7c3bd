from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import Execution, run
from hyprl_lab.errors import InputError
from hyprl_lab.research.search import supersearch
from hyprl_lab.research.walk_forward import WalkForward, Window, split_windows, walk_forward
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path


def window(params: dict[str, float] | None, train_sharpe: float | None) -> Window:
    return Window(
        train_start=0,
        test_start=10,
        test_end=20,
        trials=4,
        params=params,
        train_sharpe=train_sharpe,
        test_sharpe=None,
        test_return=0.0,
        trades=1,
        reason=None if params else "no trial of the window met the constraints",
    )


def record(*windows: Window, returns: list[float]) -> WalkForward:
    return WalkForward(
        windows=windows,
        anchored=False,
        train=10,
        test=5,
        ts=np.arange(len(returns)),
        returns=np.array(returns),
        periods_per_year=252.0,
        seed=0,
    )


def test_rolling_windows_move_along() -> None:
    assert split_windows(100, windows=3, train=40, test=20) == [
        (0, 40, 60),
        (20, 60, 80),
        (40, 80, 100),
    ]


def test_anchored_windows_grow() -> None:
    assert split_windows(100, windows=3, train=40, test=20, anchored=True) == [
        (0, 40, 60),
        (0, 60, 80),
        (0, 80, 100),
    ]


def test_by_default_tests_cover_the_last_half() -> None:
    spans = split_windows(4025, windows=5)
    assert spans[0] == (0, 2015, 2417)
    assert spans[-1] == (4 * 402, 3623, 4025)


@given(st.integers(40, 5000), st.integers(1, 8), st.booleans())
def test_tests_are_adjacent_and_training_never_sees_them(
    periods: int, windows: int, anchored: bool
) -> None:
    spans = split_windows(periods, windows=windows, anchored=anchored)
    assert len(spans) == windows
    assert spans[-1][2] == periods
    assert all(0 <= begin < middle < stop for begin, middle, stop in spans)
    assert all(a[2] == b[1] for a, b in pairwise(spans))


@pytest.mark.parametrize(
    "arguments",
    [
        {"windows": 0},
        {"windows": 60},
        {"windows": 2, "train": 90, "test": 20},
        {"windows": 2, "test": 60},
        {"windows": 2, "train": 1},
    ],
)
def test_windows_that_do_not_fit_are_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(InputError):
        split_windows(100, **arguments)


def test_efficiency_is_the_ratio_of_annual_sharpe_ratios() -> None:
    returns = [0.01, -0.005, 0.02, 0.0, 0.003]
    found = record(window({"a": 1.0}, 2.0), window({"a": 2.0}, 4.0), returns=returns)
    expected = np.mean(returns) / np.std(returns, ddof=1) * np.sqrt(252)
    assert found.out_of_sample_sharpe == pytest.approx(expected, rel=1e-12)
    assert found.mean_train_sharpe == 3.0
    assert found.efficiency == pytest.approx(expected / 3.0, rel=1e-12)
    assert found.total_return == pytest.approx(1.01 * 0.995 * 1.02 * 1.003 - 1.0, rel=1e-12)


def test_a_flat_window_says_so_and_does_not_count_as_in_sample() -> None:
    found = record(window(None, None), window({"a": 2.0}, 4.0), returns=[0.0, 0.01, 0.02])
    assert found.flat_windows == 1
    assert found.mean_train_sharpe == 4.0


@pytest.mark.parametrize(
    ("sharpe", "returns", "reason"),
    [
        (None, [0.0, 0.0], "no window's search met the constraints"),
        (2.0, [0.0, 0.0], "do not vary"),
        (-1.0, [0.0, 0.1], "-1.00, not above 0"),
    ],
)
def test_undefined_efficiency_has_a_reason(
    sharpe: float | None, returns: list[float], reason: str
) -> None:
    found = record(window({"a": 1.0} if sharpe else None, sharpe), returns=returns)
    assert found.efficiency is None
    assert reason in str(found.efficiency_reason)


def test_json_both_ways() -> None:
    found = record(window({"a": 1.0}, 2.0), window(None, None), returns=[0.01, -0.02])
    again = WalkForward.from_dict(json.loads(json.dumps(found.to_dict())))
    assert again.to_dict() == found.to_dict()
    assert again.windows == found.windows
    assert again.returns.dtype == np.float64


def test_a_searched_setting_holds_in_the_window_it_was_chosen_for(tmp_path: Path) -> None:
    """Fees of 500 bps are chosen over none where the objective asks for losses."""
    study = supersearch(
        load_bars("TEST"),
        dual_sma(),
        {"fast": [3], "slow": [12], "execution.fee_bps": [0.0, 500.0]},
        objective="-total_return",
        holdout=0.0,
        warehouse=Warehouse(tmp_path),
    )
    found = walk_forward(study, windows=2, test=60)
    costly = Execution(fee_bps=500.0)
    for window in found.windows:
        assert window.params == {"fast": 3.0, "slow": 12.0, "execution.fee_bps": 500.0}
        single = run(
            study.search_bars,
            dual_sma(),
            params={"fast": 3, "slow": 12},
            execution=costly,
            period=(_bar_before(study.search_bars, window.test_start), window.test_end + 1),
        )
        assert window.test_return == pytest.approx(single.metrics.total_return, rel=1e-12)
        assert window.trades == len(single.simulation.trades) > 0


def _bar_before(bars: Bars, ts: int) -> int:
    return int(bars.ts[int(np.searchsorted(bars.ts, ts)) - 1])
