"""A graph whose signals are columns, so that a test can dictate every order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pytest

from hyprl_lab.engine.config import AllIn, Execution, Risk
from hyprl_lab.engine.reference import simulate
from hyprl_lab.engine.simulation import Simulation, SimulationInputs

Bar: TypeAlias = tuple[float, float, float, float]
Play: TypeAlias = Callable[..., Simulation]

SIGNALS = ("long_entry", "long_exit", "short_entry", "short_exit")


def column_graph(*, stop: str | None, target: str | None) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = [{"op": "constant", "value": 0.0}]
    outputs = {}
    for name in SIGNALS:
        nodes.append({"op": "column", "name": name})
        nodes.append({"op": "greater", "args": [len(nodes) - 1, 0]})
        outputs[name] = len(nodes) - 1
    levels: dict[str, Any] = {}
    for key, kind in (("stop_loss", stop), ("take_profit", target)):
        levels[key] = None
        if kind is not None:
            nodes.append({"op": "column", "name": key})
            levels[key] = {"kind": kind, "node": len(nodes) - 1}
    return {
        "version": 1,
        "name": "dictated",
        "parameters": {},
        "nodes": nodes,
        "outputs": outputs,
        **levels,
    }


def dictated_inputs(
    bars: Sequence[Bar],
    signals: Mapping[str, Sequence[int]] | None = None,
    *,
    stop: tuple[str, float | Sequence[float]] | None = None,
    target: tuple[str, float | Sequence[float]] | None = None,
    risk: Risk | None = None,
    cash: float = 10_000.0,
    start: int = 0,
    headline: Sequence[int] | None = None,
    years: float = 1.0,
    periods_per_year: float = 252.0,
    **execution: Any,
) -> SimulationInputs:
    n = len(bars)
    prices = np.array(bars, dtype=np.float64).reshape(n, 4)
    columns = {name: prices[:, i].copy() for i, name in enumerate(("open", "high", "low", "close"))}
    for name in SIGNALS:
        flags = np.zeros(n)
        flags[list((signals or {}).get(name, ()))] = 1.0
        columns[name] = flags
    for name, level in (("stop_loss", stop), ("take_profit", target)):
        if level is not None:
            columns[name] = np.broadcast_to(np.asarray(level[1], np.float64), (n,)).copy()
    return SimulationInputs(
        columns=columns,
        graph=column_graph(
            stop=None if stop is None else stop[0], target=None if target is None else target[0]
        ),
        params={},
        risk=AllIn() if risk is None else risk,
        execution=Execution(**execution),
        cash=cash,
        start=start,
        headline=np.arange(n) if headline is None else np.array(headline, np.int64),
        periods_per_year=periods_per_year,
        years=years,
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
