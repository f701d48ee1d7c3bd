"""The checks of a strategy graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.engine import backtest as engine_backtest
from hyprl_lab.engine.config import DEFAULTS
from hyprl_lab.engine.features import feature_values
from hyprl_lab.errors import LabError
from hyprl_lab.research.strategies.report import Report
from hyprl_lab.research.strategies.sample import sample_bars
from hyprl_lab.research.strategies.truncation import look_ahead
from hyprl_lab.research.strategies.usual import settings
from hyprl_lab.strategy import document
from hyprl_lab.strategy.expression import Expr
from hyprl_lab.strategy.features import Features
from hyprl_lab.strategy.levels import Level

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.result import Result
    from hyprl_lab.strategy.builtin import BuiltIn
    from hyprl_lab.strategy.strategy import Strategy

__all__ = ["graph_report", "tenth_into_ranges"]

_TOLERANCE: Final = 1e-10
"""What the twin may be off on numbers, relative to max(1, |x|): DESIGN's own tolerance."""


def graph_report(
    strategy: Strategy,
    *,
    row: BuiltIn | None = None,
    params: Mapping[str, float] | None = None,
    bars: Bars | None = None,
) -> Report:
    """Return what the checks of a graph found; see `validate`."""
    if params is None:
        params = tenth_into_ranges(strategy) if row is None else row.params
    intraday = row.intraday if row is not None else bool(strategy.clock)
    sample = sample_bars(intraday=intraday) if bars is None else bars
    warnings = [
        f"parameter {name!r} has no range; hl.param({name!r}, low, high) gives it one"
        for name, parameter in strategy.parameters.items()
        if parameter.low is None
    ]
    try:
        warm_up = strategy.warm_up(params, sample.timeframe)
        strategy.explain(params, sample.timeframe)
        usual = settings(row.name) if row is not None else None
        native, twin = (
            engine_backtest.run(
                sample,
                strategy,
                params=params,
                risk=DEFAULTS.risk if usual is None else usual["risk"],
                execution=DEFAULTS.execution if usual is None else usual["execution"],
                cash=DEFAULTS.cash if usual is None else usual["cash"],
                engine=engine,
            )
            for engine in ("native", "python")
        )
        features = _roots(strategy)
        bound = features.bind({name: params[name] for name in features.graph.parameters})
        looked = look_ahead(
            sample, lambda part: feature_values(part, features, bound), least=warm_up + 2
        )
    except LabError as error:
        return Report(strategy.name, (str(error),), tuple(warnings))
    errors = _disagreement(native, twin)
    errors += [*looked.differing, *looked.failed[:1]]
    if not len(native.simulation.trades):
        warnings.append(
            f"no trade on the sample of {len(sample)} bars, {warm_up} of them to warm up; try "
            "other parameters, or bars="
        )
    warnings += [
        f"{side}_entry is never left: the strategy has no {side}_exit, no stop, no target and no "
        "other side"
        for side in ("long", "short")
        if _never_left(strategy, side)
    ]
    return Report(strategy.name, tuple(errors), tuple(warnings))


def tenth_into_ranges(strategy: Strategy) -> dict[str, float]:
    """Return a value for each parameter, a tenth into its range; those without one are left out.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> tenth_into_ranges(dual_sma())
    {'fast': 12.0, 'slow': 33.0}
    """
    found: dict[str, float] = {}
    for name, parameter in strategy.default_space().items():
        if parameter.low is not None and parameter.high is not None:
            value = parameter.low + (parameter.high - parameter.low) / 10
            found[name] = float(round(value)) if parameter.integer else value
    return found


def _roots(strategy: Strategy) -> Features:
    """Return conditions, levels and order prices as features."""
    roots: dict[str, Expr] = {}
    for key in (*document.OUTPUTS, *document.LEVELS, "entry_limit", "entry_stop"):
        part = getattr(strategy, key)
        if isinstance(part, Level):
            roots[key] = part.node
        elif isinstance(part, Expr):
            roots[key] = part
    return Features(roots)


def _disagreement(native: Result, twin: Result) -> list[str]:
    if native.simulation.behaviour_hash != twin.simulation.behaviour_hash:
        told = (
            f"the engines differ: {native.metrics.trades} trades by the native one, "
            f"{twin.metrics.trades} by its twin, or other bars; this is a bug of the lab: report it"
        )
        return [told]
    one, two = native.simulation.equity, twin.simulation.equity
    off = np.abs(one - two) > _TOLERANCE * np.maximum(1.0, np.abs(two))
    if off.any():
        bar = int(np.argmax(off))
        told = (
            f"the engines differ in equity from bar {bar} on ({one[bar]!r}, {two[bar]!r}); this is "
            "a bug of the lab: report it"
        )
        return [told]
    return []


def _never_left(strategy: Strategy, side: str) -> bool:
    other = "short" if side == "long" else "long"
    ways = (f"{side}_exit", f"{other}_entry", *document.LEVELS, "time_stop")
    entered = getattr(strategy, f"{side}_entry") is not None
    return entered and all(getattr(strategy, way) is None for way in ways)
