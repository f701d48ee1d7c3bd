"""A graph whose signals are columns, so that a test can dictate every order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pytest

from hyprl_lab.engine.config import AllIn, Execution, Risk
from hyprl_lab.engine.reference import simulate
from hyprl_lab.engine.simulation import (
    INTENTS,
    KINDS,
    REASONS,
    STATUSES,
    WHYS,
    Simulation,
    SimulationInputs,
)

Bar: TypeAlias = tuple[float, float, float, float]
Play: TypeAlias = Callable[..., Simulation]

SIGNALS = ("long_entry", "long_exit", "short_entry", "short_exit")


LEVELS = {"stop": "stop_loss", "target": "take_profit", "trail": "trailing_stop"}
ORDERS = ("entry_limit", "entry_stop")
DAY_US = 86_400_000_000


def column_graph(
    kinds: Mapping[str, str], prices: Sequence[str], time_stop: int | None
) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = [{"op": "constant", "value": 0.0}]
    outputs = {}

    def column(name: str) -> int:
        nodes.append({"op": "column", "name": name})
        return len(nodes) - 1

    for name in SIGNALS:
        nodes.append({"op": "greater", "args": [column(name), 0]})
        outputs[name] = len(nodes) - 1
    graph: dict[str, Any] = {
        "version": 1,
        "name": "dictated",
        "parameters": {},
        "nodes": nodes,
        "outputs": outputs,
        "stop_loss": None,
        "take_profit": None,
    }
    for key, kind in kinds.items():
        graph[key] = {"kind": kind, "node": column(key)}
    for key in prices:
        graph[key] = column(key)
    if time_stop is not None:
        nodes.append({"op": "constant", "value": float(time_stop)})
        graph["time_stop"] = len(nodes) - 1
    return graph


def dictated_inputs(
    bars: Sequence[Bar],
    signals: Mapping[str, Sequence[int]] | None = None,
    *,
    stop: tuple[str, float | Sequence[float]] | None = None,
    target: tuple[str, float | Sequence[float]] | None = None,
    trail: tuple[str, float | Sequence[float]] | None = None,
    entry_limit: float | Sequence[float] | None = None,
    entry_stop: float | Sequence[float] | None = None,
    time_stop: int | None = None,
    volume: Sequence[float] | None = None,
    funding_rate: Sequence[float] | None = None,
    risk: Risk | None = None,
    cash: float = 10_000.0,
    start: int = 0,
    headline: Sequence[int] | None = None,
    years: float = 1.0,
    periods_per_year: float = 252.0,
    bars_per_year: float = 252.0,
    ts: Sequence[int] | None = None,
    session: Sequence[int] | None = None,
    square_off: Sequence[int] | None = None,
    **execution: Any,
) -> SimulationInputs:
    n = len(bars)
    prices = np.array(bars, dtype=np.float64).reshape(n, 4)
    columns = {name: prices[:, i].copy() for i, name in enumerate(("open", "high", "low", "close"))}
    for name in SIGNALS:
        flags = np.zeros(n)
        flags[list((signals or {}).get(name, ()))] = 1.0
        columns[name] = flags

    def broadcast(values: float | Sequence[float]) -> Any:
        return np.broadcast_to(np.asarray(values, np.float64), (n,)).copy()

    kinds = {}
    for name, level in (("stop", stop), ("target", target), ("trail", trail)):
        if level is not None:
            kinds[LEVELS[name]] = level[0]
            columns[LEVELS[name]] = broadcast(level[1])
    given = {"entry_limit": entry_limit, "entry_stop": entry_stop}
    for name, values in {**given, "volume": volume, "funding_rate": funding_rate}.items():
        if values is not None:
            columns[name] = broadcast(values)
    late = np.zeros(n, np.bool_)
    late[list(square_off or ())] = True
    return SimulationInputs(
        columns=columns,
        graph=column_graph(kinds, [name for name in ORDERS if given[name] is not None], time_stop),
        params={},
        risk=AllIn() if risk is None else risk,
        execution=Execution(**execution),
        cash=cash,
        start=start,
        headline=np.arange(n) if headline is None else np.array(headline, np.int64),
        periods_per_year=periods_per_year,
        years=years,
        ts=np.arange(n) * DAY_US if ts is None else np.array(ts, np.int64),
        bars_per_year=bars_per_year,
        session=None if session is None else np.array(session, np.int64),
        square_off=None if square_off is None else late,
    )


@pytest.fixture(scope="session")
def dictated() -> Callable[..., SimulationInputs]:
    """Inputs from bars and the rows at which each signal is true."""
    return dictated_inputs


@pytest.fixture(scope="session")
def play() -> Play:
    """Simulate bars with dictated signals."""

    def run(*args: Any, **kwargs: Any) -> Simulation:
        return simulate(dictated_inputs(*args, **kwargs))

    return run


@pytest.fixture(scope="session")
def trades_of() -> Callable[[Simulation], list[tuple[Any, ...]]]:
    """Entry bar, exit bar, side, entry price, exit price and reason of each trade."""

    def rows(result: Simulation) -> list[tuple[Any, ...]]:
        trades = result.trades
        return [
            (
                int(trades.entry_bar[i]),
                int(trades.exit_bar[i]),
                int(trades.side[i]),
                float(trades.entry_price[i]),
                float(trades.exit_price[i]),
                REASONS[trades.reason[i]],
            )
            for i in range(len(trades))
        ]

    return rows


@pytest.fixture(scope="session")
def orders_of() -> Callable[[Simulation], list[tuple[Any, ...]]]:
    """Bar, signal bar, side, then in words: intent, kind, reason, status and why."""

    def rows(result: Simulation) -> list[tuple[Any, ...]]:
        orders = result.orders
        return [
            (
                int(orders.bar[i]),
                int(orders.signal_bar[i]),
                int(orders.side[i]),
                INTENTS[orders.intent[i]],
                KINDS[orders.kind[i]],
                REASONS[orders.reason[i]],
                STATUSES[orders.status[i]],
                WHYS[orders.why[i]],
            )
            for i in range(len(orders))
        ]

    return rows
