"""The order of stop and target inside a bar, for a single trade."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engine_cases import Case, cases
from hypothesis import assume, given, target
from hypothesis import strategies as st

from hyprl_lab.engine import native, reference
from hyprl_lab.engine.config import FixedUnits

ENGINES = {"native": native.simulate, "python": reference.simulate}
MODES = ("stop_first", "nearest_first", "target_first")


def single_trade(case: Case, side: str, stop: float, reach: float, *, trailing: bool) -> Case:
    """One entry, on the signal of the first bar, with levels near enough to be met together."""
    rows = len(case.market)
    columns = case.market.columns | {"once": np.eye(1, rows)[0]}
    graph: dict[str, Any] = {
        "version": 1,
        "name": "once",
        "parameters": {},
        "nodes": [
            {"op": "column", "name": "once"},
            {"op": "constant", "value": 0.5},
            {"op": "greater", "args": [0, 1]},
            {"op": "constant", "value": stop},
            {"op": "constant", "value": reach},
        ],
        "outputs": {
            name: 2 if name == f"{side}_entry" else None
            for name in ("long_entry", "long_exit", "short_entry", "short_exit")
        },
        "stop_loss": {"kind": "percent", "node": 3},
        "take_profit": {"kind": "percent", "node": 4},
        "trailing_stop": {"kind": "percent", "node": 4} if trailing else None,
    }
    execution = replace(case.execution, participation_rate=None, lots=None, at_end="close")
    return replace(
        case,
        graph=graph,
        params={},
        risk=FixedUnits(1.0),
        cash=1e9,
        execution=execution,
        start=0,
        market=replace(case.market, columns=columns),
    )


@pytest.mark.parametrize("engine", ENGINES)
@given(
    case=cases(),
    side=st.sampled_from(["long", "short"]),
    stop=st.sampled_from([0.03, 0.005, 0.1]),
    reach=st.sampled_from([0.03, 0.005, 0.1]),
    trailing=st.booleans(),
)
def test_target_first_is_never_below_stop_first(
    engine: str, case: Case, side: str, stop: float, reach: float, trailing: bool
) -> None:
    once = single_trade(case, side, stop, reach, trailing=trailing)
    assume(once.execution.lot_size != 5.0)  # a lot no single unit fills
    pnl = {}
    for mode in MODES:
        execution = replace(once.execution, intrabar=mode)
        trades = ENGINES[engine](replace(once, execution=execution).inputs()).trades
        assert len(trades) <= 1
        pnl[mode] = float(trades.pnl.sum())
    assert pnl["target_first"] >= pnl["stop_first"]
    assert pnl["nearest_first"] in {pnl["target_first"], pnl["stop_first"]}
    target(pnl["target_first"] - pnl["stop_first"])
