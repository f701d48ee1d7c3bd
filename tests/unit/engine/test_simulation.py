"""The form of what an engine returns."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

import numpy as np

from hyprl_lab.engine.simulation import BLOCK_COLUMNS, REASONS, TradeColumns
from hyprl_lab.types import Reason


def columns(reasons: list[int]) -> TradeColumns:
    n = len(reasons)
    numbers = {
        item.name: np.arange(n, dtype=np.float64) for item in fields(TradeColumns)
    }  # one value a trade, by which it is known
    return TradeColumns(**{**numbers, "reason": np.array(reasons, dtype=np.int8)})  # type: ignore[arg-type]


def test_reasons_are_the_types() -> None:
    assert set(REASONS) == set(get_args(Reason))
    assert len(BLOCK_COLUMNS) == 6


def test_closed_leaves_out_the_open_one_in_every_column() -> None:
    last = REASONS.index("open")
    closed = columns([0, 1, last]).closed()
    assert len(closed) == 2
    for item in fields(TradeColumns):
        assert len(getattr(closed, item.name)) == 2, item.name
    assert closed.pnl.tolist() == [0.0, 1.0]
    assert closed.reason.tolist() == [0, 1]
    assert len(columns([last]).closed()) == 0


def test_none_is_empty_in_every_column_and_of_the_right_type() -> None:
    none = TradeColumns.empty()
    assert len(none) == len(none.closed()) == 0
    kinds = {item.name: getattr(none, item.name).dtype for item in fields(TradeColumns)}
    assert {name for name, kind in kinds.items() if kind == np.int8} == {"side", "reason"}
    assert {name for name, kind in kinds.items() if kind == np.int64} == {"entry_bar", "exit_bar"}
