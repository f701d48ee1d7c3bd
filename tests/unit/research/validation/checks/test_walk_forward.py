from __future__ import annotations

from dataclasses import asdict

import numpy as np

from hyprl_lab.research.walk_forward import WalkForward, Window

WINDOW = Window(
    train_start=0,
    test_start=1,
    test_end=2,
    trials=9,
    params={"fast": 2.0},
    train_sharpe=2.0,
    test_sharpe=1.0,
    test_return=0.1,
    trades=3,
    reason=None,
)


def record(returns: list[float], *windows: Window) -> WalkForward:
    return WalkForward(
        windows=windows,
        anchored=False,
        train=10,
        test=5,
        ts=np.arange(len(returns), dtype=np.int64),
        returns=np.array(returns),
        periods_per_year=1.0,
        seed=0,
    )


def test_its_readings(read) -> None:
    flat = Window(**{**asdict(WINDOW), "params": None, "train_sharpe": None, "reason": "none met"})
    rows = read("walk_forward", found=record([0.1, 0.2, 0.3], WINDOW, flat))
    sharpe = 0.2 / 0.1
    assert rows["walk_forward_sharpe"].value is not None
    assert abs(rows["walk_forward_sharpe"].value - sharpe) < 1e-12
    assert "2 times" in rows["walk_forward_sharpe"].reading
    assert "1 of them flat" in rows["walk_forward_sharpe"].reading
    assert "+71.6% over 3 periods" in rows["walk_forward_return"].reading
    assert abs(float(rows["walk_forward_efficiency"].value) - 1.0) < 1e-12
    assert "100% of the Sharpe ratio seen while choosing (2.00)" in (
        rows["walk_forward_efficiency"].reading
    )


def test_what_does_not_vary_has_a_return_alone(read) -> None:
    rows = read("walk_forward", found=record([0.0, 0.0, 0.0], WINDOW))
    assert rows["walk_forward_sharpe"].value is None
    assert rows["walk_forward_return"].value == 0.0
    assert "do not vary" in str(rows["walk_forward_efficiency"].reason)
