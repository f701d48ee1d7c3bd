"""Each operation by itself: the same values in both engines, on the bars and over longer ones.

Whole strategies hide what a comparison does not see; here every value of a node is compared.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engine_cases import Case, Market
from engine_cases.chooser import Chooser
from engine_cases.graphs import GROWN, UNDER_ON, Graph, document, result_kind
from engine_cases.markets import market
from hypothesis import given, settings
from hypothesis import strategies as st
from indicators import ENGINES

from hyprl_lab.engine.config import Execution, FixedUnits
from hyprl_lab.errors import LabError
from hyprl_lab.strategy.operations import OPERATIONS

CASES = max(12, settings.default.max_examples // 4)
LEAST = 4
"""In how many of the cases a node has to have values."""


def with_holes(choose: Chooser, bars: Market) -> Market:
    """Some bars without a price: `Bars` refuse them, the engines take them."""
    first = choose.whole(1, len(bars) - 3)
    rows = slice(first, first + choose.of((1, 2, 5)))
    holed = choose.of((("open", "high", "low", "close"), ("close",), ("high",), ("low",)))
    columns = {name: values.copy() for name, values in bars.columns.items()}
    for name in holed:
        columns[name][rows] = np.nan
    return replace(bars, columns=columns)


@st.composite
def standing(draw: st.DrawFn, op: str, *, longer: bool) -> tuple[Case, int]:
    """Bars and a node of this operation over random arguments."""
    choose = Chooser(draw)
    bars = market(choose, intraday=choose.chance(50))
    graph = Graph(choose, bars)
    row = OPERATIONS[op]
    kind = result_kind(op, ["boolean" if row.slots[:1] == ("boolean",) else "number"])
    if row.result is None and choose.chance(50):
        kind = "boolean"
    make = graph.over_longer_bars if longer else graph.operation
    node = make(op, kind, choose.whole(1, 2))
    found: dict[str, Any] = document(graph, {"long_entry": node})
    place = found["outputs"]["long_entry"]
    found["outputs"]["long_entry"] = None
    if choose.chance(40):
        bars = with_holes(choose, bars)
    case = Case(
        market=bars,
        graph=found,
        params=graph.params,
        risk=FixedUnits(1.0),
        execution=Execution(),
    )
    return case, place


def assert_same_values(op: str, *, longer: bool) -> None:
    seen = []

    def compare(found: tuple[Case, int]) -> None:
        case, node = found
        inputs = case.inputs()
        try:
            (twin,) = ENGINES["python"](inputs, [node])
        except LabError as error:
            with pytest.raises(type(error)):
                ENGINES["native"](inputs, [node])
            return
        (native,) = ENGINES["native"](inputs, [node])
        np.testing.assert_array_equal(native, twin)
        seen.append(np.isfinite(twin).any())

    for times in (1, 4, 16):  # a few windows are longer than there are longer bars
        drawn = given(found=standing(op, longer=longer))(compare)
        settings(max_examples=CASES * times)(drawn)()
        if sum(seen) >= LEAST:
            break
    assert sum(seen) >= LEAST, f"{op} had values in {sum(seen)} of {len(seen)} cases"


@pytest.mark.parametrize("op", GROWN)
def test_on_the_bars_at_hand(op: str) -> None:
    assert_same_values(op, longer=False)


@pytest.mark.parametrize("op", UNDER_ON)
def test_over_longer_bars(op: str) -> None:
    assert_same_values(op, longer=True)
