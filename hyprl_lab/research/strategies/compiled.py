"""A strategy class over bars, made into what the engines read: signal columns and a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hyprl_lab.data.bars import Bars
from hyprl_lab.engine.signals import SIGNALS, signals_name
from hyprl_lab.research.strategies.classes import Instance, instance_of
from hyprl_lab.research.strategies.emitted import checked_signals
from hyprl_lab.research.strategies.guarded import guarded
from hyprl_lab.research.strategies.options import OptionValue, bound
from hyprl_lab.strategy.leaves import col
from hyprl_lab.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["Compiled", "compiled", "emit", "of_a_class"]


class Compiled(NamedTuple):
    """Bars with a class's signals as columns, and the graph that reads them."""

    bars: Bars
    strategy: Strategy


def compiled(
    bars: Bars,
    found: object,
    params: Mapping[str, object] | None = None,
    *,
    stop: int | None = None,
) -> Compiled:
    """Return bars that carry a class's signals, and a strategy that trades by them.

    The columns are named after their content, so that other signals make another fingerprint,
    another strategy hash and another trial.

    Parameters
    ----------
    bars
        Left as they are: the class gets a copy.
    found
        A strategy class or an object of one.
    params
        Values for its parameters; defaults are filled in.
    stop
        The class gets the bars before this row, and no signal is known from it on (NaN); `None`
        is all bars.

    Raises
    ------
    StrategyError
        The class is malformed, a parameter is out of range, its code raised, or its signals are
        none; the message names class and parameters.
    BarsError
        There is no such row.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> class Up:
    ...     def get_params_config(self):
    ...         return {}
    ...     def generate_signals(self, bars):
    ...         return {"entry": bars.close > bars.open, "exit": bars.close < bars.open}
    >>> made = compiled(load_bars("TEST"), Up, stop=400)
    >>> made.strategy.name, len(made.bars)
    ('Up()', 500)
    """
    instance = instance_of(found)
    values = bound(instance.options, params, instance.name)
    title = instance.titled(values)
    seen = bars if stop is None or stop == len(bars) else bars.take(0, stop)
    after = np.full(len(bars) - len(seen), np.nan)
    signals = {
        name: np.concatenate([array, after]) for name, array in emit(instance, seen, values).items()
    }
    stem = signals_name(signals)
    names = {name: f"{stem}_{name}" for name in signals}
    columns = {**bars.columns, **{names[name]: array for name, array in signals.items()}}
    told: dict[str, JsonValue] = dict(values)
    detail: dict[str, JsonValue] = {"strategy": instance.name, "params": told}
    source = instance.source_hash
    if source is not None:
        detail["source"] = source
    if len(seen) < len(bars):
        detail["stop"] = len(seen)
    carried = Bars(
        bars.symbol,
        bars.timeframe,
        bars.calendar,
        bars.ts,
        columns,
        bars.calendar_inferred,
        bars.lineage.then("signals", **detail),
    )
    conditions = {name: col(column) > 0 for name, column in names.items()}
    strategy = Strategy(
        title,
        long_entry=conditions.get("long_entry"),
        long_exit=conditions.get("long_exit"),
        short_entry=conditions.get("short_entry"),
        short_exit=conditions.get("short_exit"),
    )
    return Compiled(carried, strategy)


def emit(
    instance: Instance, bars: Bars, params: Mapping[str, OptionValue]
) -> dict[str, FloatArray]:
    """Return the signals of one call on a copy of bars: 1, 0 and NaN, by name.

    Raises
    ------
    StrategyError
        The class's code raised, or returned no signals.
    """
    with guarded(instance.titled(params)):
        copy = bars.at(np.arange(len(bars)))
        return checked_signals(instance.made.generate_signals(copy, **params), bars)


def of_a_class(strategy: Strategy) -> bool:
    """Whether a graph reads the signals of a strategy class, and can't make them itself.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> of_a_class(dual_sma())
    False
    """
    return any(SIGNALS.fullmatch(name) for name in strategy.columns)
