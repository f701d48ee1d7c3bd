"""Expressions over bars, by either engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.engine import native, reference_graph
from hyprl_lab.engine.config import AllIn, Execution
from hyprl_lab.engine.simulation import SimulationInputs
from hyprl_lab.strategy.graph import flatten, node_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hyprl_lab.strategy import Expr
    from hyprl_lab.types import FloatArray, IntArray

OUTPUTS: Final = ("long_entry", "long_exit", "short_entry", "short_exit")


def inputs_of(
    graph: dict[str, Any],
    columns: Mapping[str, FloatArray],
    *,
    ts: IntArray,
    bar_of_session: FloatArray,
    params: Mapping[str, float] | None = None,
    execution: Execution | None = None,
) -> SimulationInputs:
    """What an engine is given, over bars of a day with made-up sessions."""
    rows = len(ts)
    return SimulationInputs(
        columns=dict(columns),
        graph=graph,
        params=dict(params or {}),
        risk=AllIn(),
        execution=execution or Execution(),
        cash=10_000.0,
        start=0,
        headline=np.arange(rows, dtype=np.int64),
        periods_per_year=252.0,
        years=rows / 252.0,
        ts=ts,
        bars_per_year=252.0,
        clock={"bar_of_session": bar_of_session},
    )


def work_out(
    expressions: Sequence[Expr],
    columns: Mapping[str, FloatArray],
    engine: str,
    *,
    ts: IntArray,
    bar_of_session: FloatArray,
    params: Mapping[str, float] | None = None,
) -> list[FloatArray]:
    """The values of expressions over all bars, worked out together."""
    graph = flatten({str(place): expr for place, expr in enumerate(expressions)})
    document: dict[str, Any] = {
        "version": 1,
        "name": "indicators",
        "parameters": {name: {} for name in graph.parameters},
        "nodes": [node_json(node) for node in graph.nodes],
        "outputs": dict.fromkeys(OUTPUTS),
        "stop_loss": None,
        "take_profit": None,
    }
    used = {name: (params or {})[name] for name in graph.parameters}  # k of stoch has no slowd
    inputs = inputs_of(document, columns, ts=ts, bar_of_session=bar_of_session, params=used)
    nodes = [graph.roots[str(place)] for place in range(len(expressions))]
    return ENGINES[engine](inputs, nodes)


def _native(inputs: SimulationInputs, nodes: list[int]) -> list[FloatArray]:
    from hyprl_lab import kernels

    params = [value for _, value in sorted(inputs.params.items())]
    return kernels.evaluate(inputs.columns, native.setup(inputs), params, nodes)


def _twin(inputs: SimulationInputs, nodes: list[int]) -> list[FloatArray]:
    return [np.array(values) for values in reference_graph.evaluate_nodes(inputs, nodes)]


ENGINES: Final[Mapping[str, Callable[[SimulationInputs, list[int]], list[FloatArray]]]] = {
    "native": _native,
    "python": _twin,
}
