"""One random case: bars, a strategy, settings, money, a first bar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from engine_cases.chooser import Chooser
from engine_cases.markets import Market, market
from engine_cases.settings import execution, risk
from engine_cases.strategies import strategy
from hyprl_lab.data.clock import clock
from hyprl_lab.data.longer import longer_bars
from hyprl_lab.data.schedule import square_off
from hyprl_lab.data.sessions import (
    bars_per_year,
    headline_rows,
    periods_per_year,
    session_numbers,
)
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.engine.simulation import SimulationInputs
from hyprl_lab.strategy.operations import SESSION

if TYPE_CHECKING:
    from hyprl_lab.engine.config import Execution, Risk

YEAR_US = 365.25 * 86_400e6


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a simulation is asked for, before calendars are read."""

    market: Market
    graph: dict[str, Any]
    params: dict[str, float]
    risk: Risk
    execution: Execution
    cash: float = 10_000.0
    start: int = 0

    def head(self, rows: int) -> Case:
        """The same, on the first rows."""
        return replace(self, market=self.market.head(rows))

    def inputs(self) -> SimulationInputs:
        return inputs_of(self)


def inputs_of(case: Case) -> SimulationInputs:
    """Read the calendars, and gather what an engine is given."""
    bars, graph = case.market, case.graph
    length = Timeframe.parse(bars.timeframe)
    wanted = {node["timeframe"] for node in graph["nodes"] if node["op"] == "on"}
    sessions = {node["op"] for node in graph["nodes"]} & SESSION
    rows = headline_rows(bars.ts, length, bars.calendar)
    rows = rows[rows >= case.start]
    return SimulationInputs(
        columns=bars.columns,
        graph=graph,
        params=case.params,
        risk=case.risk,
        execution=case.execution,
        cash=case.cash,
        start=case.start,
        headline=rows,
        periods_per_year=periods_per_year(length, bars.calendar),
        years=float(bars.ts[-1] - bars.ts[case.start]) / YEAR_US,
        ts=bars.ts,
        bars_per_year=bars_per_year(length, bars.calendar),
        clock={name: clock(name, bars.ts, length, bars.calendar) for name in sorted(sessions)},
        longer={
            name: longer_bars(bars.ts, length, bars.calendar, Timeframe.parse(name))
            for name in sorted(wanted)
        },
        session=session_numbers(bars.ts, bars.calendar) if bars.intraday else None,
        square_off=(
            square_off(bars.ts, length, bars.calendar, case.execution.session_cutoff)
            if case.execution.intraday
            else None
        ),
    )


@st.composite
def cases(draw: st.DrawFn, *, intraday: bool = False) -> Case:
    """Random cases on daily bars, or on bars shorter than a day.

    Themes make what is rare by chance less so: trades that nothing but the session, a daily limit,
    ruin or the end stops (`held`), prices and stakes that ruin (`wild`), and stops that are left
    and entered again on one bar (`eager`).
    """
    choose = Chooser(draw)
    theme = choose.of(("any", "any", "any", "any", "held", "wild", "eager"))
    wild = theme == "wild"
    bars = market(choose, intraday=intraday, wild=wild)
    graph, params = strategy(choose, bars, theme)
    settings = execution(choose, bars, graph, theme)
    start = choose.whole(0, len(bars) - 1) if choose.chance(20) else 0
    return Case(
        market=bars,
        graph=graph,
        params=params,
        risk=risk(choose, graph, settings.leverage, wild=wild),
        execution=settings,
        cash=choose.of((10_000.0, 300.0, 1e6)),
        start=start,
    )
