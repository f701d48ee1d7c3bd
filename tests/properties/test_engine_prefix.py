"""What comes later changes nothing before it: runs on the first bars are the first part of runs."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from engine_cases import Case, cases
from engine_cases.chooser import Chooser
from engine_cases.graphs import Graph, document, result_kind
from engine_cases.markets import market
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import native, reference, run
from hyprl_lab.engine.config import Execution, FixedUnits
from hyprl_lab.engine.simulation import Simulation
from hyprl_lab.errors import LabError
from hyprl_lab.strategy import Strategy, builtin, close, high, low, on, stop, ta
from hyprl_lab.strategy.operations import OPERATIONS

ENGINES = {"native": native.simulate, "python": reference.simulate}


def assert_begins_with(whole: Simulation, part: Simulation, rows: int, start: int = 0) -> None:
    """The run on the first rows is the beginning of the run on all, to the bit."""
    np.testing.assert_array_equal(part.equity, whole.equity[: rows - start])
    seen = whole.orders.bar < rows
    for item in fields(whole.orders):
        expected = getattr(whole.orders, item.name)[seen]
        np.testing.assert_array_equal(getattr(part.orders, item.name), expected, item.name)
    ended = part.trades.closed()
    for item in fields(ended):
        expected = getattr(whole.trades, item.name)[: len(ended)]
        np.testing.assert_array_equal(getattr(ended, item.name), expected, item.name)
    assert len(whole.trades.closed()) == len(ended) or whole.trades.exit_bar[len(ended)] >= rows


def check(engine: str, case: Case, rows: int) -> Simulation:
    case = replace(case, execution=replace(case.execution, at_end="mark"))
    try:
        part = ENGINES[engine](case.head(rows).inputs())
    except LabError:  # a window that is longer than the first bars
        assume(False)
        raise
    whole = ENGINES[engine](case.inputs())
    assert_begins_with(whole, part, rows, case.start)
    return whole


@pytest.mark.parametrize("engine", ENGINES)
@given(data=st.data(), intraday=st.booleans())
def test_any_case(engine: str, data: st.DataObject, intraday: bool) -> None:
    case = data.draw(cases(intraday=intraday))
    check(engine, case, data.draw(st.integers(case.start + 1, len(case.market))))


@st.composite
def showing(draw: st.DrawFn, op: str) -> Case:
    """A case whose orders tell every value of one node of this operation.

    A number shows its size in the stop of the trade it opens and its sign in the side; a condition
    shows in which of two entries is made. Missing values make none.
    """
    choose = Chooser(draw)
    bars = market(choose, intraday=choose.chance(50))
    graph = Graph(choose, bars)
    if op in {"column", "constant", "parameter"}:
        node = {
            "column": lambda: graph.column("feature"),
            "constant": lambda: graph.constant(0.5),
            "parameter": lambda: graph.parameter(0.5),
        }[op]()
    else:
        row = OPERATIONS[op]
        kind = result_kind(op, ["boolean" if row.slots[:1] == ("boolean",) else "number"])
        if row.result is None and choose.chance(50):
            kind = "boolean"
        node = graph.operation(op, kind, choose.whole(1, 2))
    roots: dict[str, Any] = {"time_stop": graph.constant(1)}
    if graph.kinds[node] == "boolean":
        roots["long_entry"], roots["short_entry"] = node, graph.add("not", (node,))
    else:
        zero, one = graph.constant(0.0), graph.constant(1.0)
        roots["long_entry"] = graph.add("greater_equal", (node, zero))
        roots["short_entry"] = graph.add("less", (node, zero))
        size = graph.add("add", (one, graph.add("absolute", (node,))))
        level = graph.add("divide", (graph.constant(1e-6), size))
        roots["stop_loss"] = "price", level
    return Case(
        market=bars,
        graph=document(graph, roots),
        params=graph.params,
        risk=FixedUnits(1.0),
        execution=Execution(leverage=100.0),
        cash=1e9,
    )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("op", OPERATIONS)
def test_every_node(engine: str, op: str) -> None:
    seen = []

    @settings(max_examples=max(20, settings.default.max_examples // 10))
    @given(data=st.data())
    def cut(data: st.DataObject) -> None:
        case = data.draw(showing(op))
        rows = data.draw(st.integers(len(case.market) // 2, len(case.market) - 1))
        seen.append(len(check(engine, case, rows).orders) > 0)

    cut()
    assert sum(seen) >= 5, f"{op} showed in {sum(seen)} of {len(seen)} cases"


def intraday_bars() -> Bars:
    """Ten days of hours, around the clock."""
    rows = 240
    random = np.random.Generator(np.random.PCG64(7))
    closed = 100.0 * np.exp(np.cumsum(random.normal(0.0, 0.01, rows)))
    opened = np.concatenate([[100.0], closed[:-1]])
    columns = {
        "open": opened,
        "high": np.maximum(opened, closed) * 1.002,
        "low": np.minimum(opened, closed) * 0.998,
        "close": closed,
        "volume": np.floor(random.random(rows) * 1e4),
    }
    ts = 1_700_000_000_000_000 // 3_600_000_000 * 3_600_000_000
    return Bars.from_arrays(
        ts + np.arange(rows, dtype=np.int64) * 3_600_000_000,
        columns,
        symbol="HOURS",
        timeframe="1h",
        calendar="24/7",
    )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", builtin.names())
def test_every_built_in_strategy(engine: str, name: str) -> None:
    row = builtin.row(name)
    bars = intraday_bars() if row.intraday else load_bars("sp500").take(0, 900)
    options: dict[str, Any] = {
        "params": row.params,
        "execution": Execution(fee_bps=5, at_end="mark"),
        "engine": engine,
    }
    strategy = builtin.get(name)
    whole = run(bars, strategy, **options).simulation
    assert len(whole.trades) > 0
    for rows in (len(bars) * 4 // 9, len(bars) * 3 // 5 - 1, len(bars) - 1):
        part = run(bars.take(0, rows), strategy, **options).simulation
        assert_begins_with(whole, part, rows)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("longer", ["2h", "4h", "1d"])
def test_a_longer_timeframe(engine: str, longer: str) -> None:
    """At each of all the cuts: also those inside a longer bar."""
    rising = on(longer, close > ta.sma(close, 2))
    strategy = Strategy(
        "longer",
        long_entry=rising & (close > on(longer, low)),
        long_exit=on(longer, high < ta.highest(high, 2)),
        stop_loss=stop.percent(0.02),
    )
    bars = intraday_bars()
    execution = Execution(at_end="mark")
    whole = run(bars, strategy, execution=execution, engine=engine).simulation
    assert len(whole.trades) >= 2
    for rows in range(96, 240, 5 if engine == "python" else 1):
        part = run(bars.take(0, rows), strategy, execution=execution, engine=engine).simulation
        assert_begins_with(whole, part, rows)
