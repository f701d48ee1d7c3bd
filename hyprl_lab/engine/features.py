"""The values of expressions over bars, by either engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.data.sessions import bars_per_year
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.engine import native
from hyprl_lab.engine.agreement import check_graph
from hyprl_lab.engine.config import AllIn, Execution
from hyprl_lab.engine.reference_graph import evaluate_nodes
from hyprl_lab.engine.simulation import SimulationInputs
from hyprl_lab.engine.timing import timing
from hyprl_lab.errors import ConfigError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.strategy.features import Features
    from hyprl_lab.types import EngineName, FloatArray

__all__ = ["feature_values"]


def feature_values(
    bars: Bars,
    features: Features,
    params: Mapping[str, float],
    engine: EngineName = "native",
) -> dict[str, FloatArray]:
    """Return each feature's value at each bar: NaN where missing, conditions as 1 and 0.

    Parameters
    ----------
    bars
        What they read; a value at bar t is made of bars up to t.
    features
        The expressions.
    params
        Bound values, as `features.bind` returns them.
    engine
        `"native"` (Rust) or `"python"` (the readable twin).

    Raises
    ------
    BarsError
        A column is missing, or a longer timeframe is no multiple of the bars'.
    StrategyError
        A window is longer than the bars.
    ConfigError
        The engine is unknown.
    EngineUnavailableError
        The native engine can't be loaded.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.strategy import close
    >>> from hyprl_lab.strategy.features import Features
    >>> found = feature_values(load_bars("TEST"), Features({"up": close > 100}), {}, "python")
    >>> found["up"].shape
    (500,)
    """
    inputs = _inputs(bars, features, params)
    if engine == "python":
        series = [np.array(values) for values in evaluate_nodes(inputs, features.nodes)]
    elif engine == "native":
        from hyprl_lab import kernels

        bound = [value for _, value in sorted(params.items())]
        series = kernels.evaluate(inputs.columns, native.setup(inputs), bound, features.nodes)
    else:
        raise ConfigError(f"engine is {shown(engine)}; choose 'native' or 'python'")
    return dict(zip(features.expressions, series, strict=True))


def _inputs(bars: Bars, features: Features, params: Mapping[str, float]) -> SimulationInputs:
    execution = Execution()
    check_graph(features, columns=bars.columns, bars=len(bars), timeframe=bars.timeframe)
    timeframe = Timeframe.parse(bars.timeframe)
    known = timing(bars.ts, timeframe, bars.calendar, strategy=features, execution=execution)
    return SimulationInputs(
        columns=bars.columns,
        graph=features.to_json(),
        params=params,
        risk=AllIn(),
        execution=execution,
        cash=1.0,
        start=0,
        headline=bars.headline,
        periods_per_year=bars.periods_per_year,
        years=1.0,
        ts=bars.ts,
        bars_per_year=bars_per_year(timeframe, bars.calendar, None),
        clock=known.clock,
        longer=known.longer,
    )
