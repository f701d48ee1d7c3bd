"""A strategy class over bars, made into what the engines read: signal columns and a graph."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from hyprl_lab.data.bars import Bars
from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.classes import Instance, instance_of, user_error
from hyprl_lab.research.strategies.emitted import checked_signals
from hyprl_lab.research.strategies.options import OptionValue, bound
from hyprl_lab.strategy.leaves import col
from hyprl_lab.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["Compiled", "compiled", "emit", "of_a_class", "signals_name"]

_HASH_LENGTH: Final = 12
_COLUMN: Final = re.compile(r"signals_[0-9a-f]{12}_(long|short)_(entry|exit)")


class Compiled(NamedTuple):
    """Bars with a class's signals as columns, and the graph that reads them."""

    bars: Bars
    strategy: Strategy


def compiled(bars: Bars, found: object, params: Mapping[str, object] | None = None) -> Compiled:
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

    Raises
    ------
    StrategyError
        The class is malformed, a parameter is out of range, its code raised, or its signals are
        none; the message names class and parameters.
    """
    instance = instance_of(found)
    values = bound(instance.options, params, instance.name)
    title = instance.titled(values)
    signals = emit(instance, bars, values)
    names = {name: f"{signals_name(signals)}_{name}" for name in signals}
    columns = {**bars.columns, **{names[name]: array for name, array in signals.items()}}
    told: dict[str, JsonValue] = dict(values)
    detail: dict[str, JsonValue] = {"strategy": instance.name, "params": told}
    if instance.source_hash is not None:
        detail["source"] = instance.source_hash
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
    title = instance.titled(params)
    copy = bars.at(np.arange(len(bars)))
    try:
        found = instance.made.generate_signals(copy, **params)
    except Exception as error:  # a user's code may raise anything
        raise user_error(title, error) from error
    try:
        return checked_signals(found, bars)
    except StrategyError as error:
        raise StrategyError(f"{title}: {error}") from error


def signals_name(signals: Mapping[str, FloatArray]) -> str:
    """Return `signals_` and 12 hexadecimal letters of the SHA-256 of signals and their names.

    Examples
    --------
    >>> signals_name({"long_entry": np.array([0.0, 1.0])})
    'signals_5c0e62f9774d'
    """
    content = hashlib.sha256()
    for name, values in sorted(signals.items()):
        content.update(name.encode() + b"\0")
        content.update(np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes())
    return f"signals_{content.hexdigest()[:_HASH_LENGTH]}"


def of_a_class(strategy: Strategy) -> bool:
    """Whether a graph reads the signals of a strategy class, and can't make them itself.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> of_a_class(dual_sma())
    False
    """
    return any(_COLUMN.fullmatch(name) for name in strategy.columns)
