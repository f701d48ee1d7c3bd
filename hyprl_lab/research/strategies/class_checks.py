"""The checks of a strategy class."""

from __future__ import annotations

import time
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.fingerprint import fingerprint
from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.classes import Instance, instance_of, user_error
from hyprl_lab.research.strategies.compiled import emit
from hyprl_lab.research.strategies.emitted import checked_signals
from hyprl_lab.research.strategies.options import OptionValue, bound
from hyprl_lab.research.strategies.report import Report
from hyprl_lab.research.strategies.sample import sample_bars
from hyprl_lab.research.strategies.truncation import look_ahead

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.types import FloatArray

__all__ = ["class_report", "corners"]

_MOST_CORNERS: Final = 16
_SLOW_SECONDS: Final = 1.0


def class_report(
    found: object, *, params: Mapping[str, float] | None = None, bars: Bars | None = None
) -> Report:
    """Return what the checks of a strategy class found; see `validate`."""
    named = found.__name__ if isinstance(found, type) else type(found).__name__
    try:
        instance = instance_of(found)
        values = bound(instance.options, params, instance.name)
    except StrategyError as error:
        return Report(named, (str(error),))
    sample = sample_bars() if bars is None else bars
    warnings = [
        f"parameter {name!r} has no range, so its ends are not tried; give it min and max"
        for name, option in instance.options.items()
        if not option.ends
    ]
    try:
        signals, seconds, errors = _first(instance, sample, values)
    except StrategyError as error:
        return Report(instance.name, (str(error),), tuple(warnings))
    if seconds > _SLOW_SECONDS:
        warnings.append(
            f"one call over {len(sample)} bars took {seconds:.1f} s; a loop over bars may be "
            "written with arrays"
        )
    errors += _differing(signals, found, sample, values)
    ahead, failed = look_ahead(sample, signals, lambda part: emit(instance, part, values))
    errors += ahead + _at_corners(instance, sample, values)
    warnings += failed
    return Report(instance.name, tuple(errors), tuple(warnings + oddities(signals)))


def corners(instance: Instance) -> list[dict[str, OptionValue]]:
    """Return parameter sets at the ends of the ranges.

    Every choice of ends where those are at most 16, else one end at a time, the rest at defaults.
    """
    ends = {name: option.ends for name, option in instance.options.items() if option.ends}
    usual = {name: option.default for name, option in instance.options.items()}
    if 2 ** len(ends) <= _MOST_CORNERS:
        sets = [dict(zip(ends, picked, strict=True)) for picked in product(*ends.values())]
    else:
        sets = [{name: end} for name, pair in ends.items() for end in pair]
    return [{**usual, **chosen} for chosen in sets if chosen]


def oddities(signals: Mapping[str, FloatArray]) -> list[str]:
    """Return what is odd about signals, and may be meant."""
    told: list[str] = []
    entries = [name for name in signals if name.endswith("_entry")]
    if not any((signals[name] == 1.0).any() for name in entries):
        told.append("no entry on the sample; try other parameters, or bars=")
    if len(entries) == 1:
        leaves = entries[0].replace("entry", "exit")
        if leaves not in signals or not (signals[leaves] == 1.0).any():
            told.append(
                f"{entries[0]} is never left: no {leaves} on the sample, no other side and no stop"
            )
    told += [
        f"{name} is true on the first bar, before anything could be known"
        for name in entries
        if signals[name][0] == 1.0
    ]
    return told


def _first(
    instance: Instance, bars: Bars, params: Mapping[str, OptionValue]
) -> tuple[dict[str, FloatArray], float, list[str]]:
    """Call the class on bars of its own; return signals, seconds, and whether it changed them."""
    copy = bars.at(np.arange(len(bars)))
    title = instance.titled(params)
    begun = time.perf_counter()
    try:
        found = instance.made.generate_signals(copy, **params)
    except Exception as error:  # a user's code may raise anything
        raise user_error(title, error) from error
    seconds = time.perf_counter() - begun
    try:
        signals = checked_signals(found, bars)
    except StrategyError as error:
        raise StrategyError(f"{title}: {error}") from error
    changed = fingerprint(copy.ts, copy.columns) != bars.fingerprint
    return signals, seconds, [f"{title} changes the bars; work on copies"] if changed else []


def _differing(
    first: Mapping[str, FloatArray], found: object, bars: Bars, params: Mapping[str, OptionValue]
) -> list[str]:
    """Compare with another call, of another object."""
    try:
        again = emit(instance_of(found), bars, params)
    except StrategyError as error:
        return [f"the second call differs: {error}"]
    if list(first) != list(again):
        return [f"two calls differ: {list(first)}, then {list(again)}"]
    return [
        f"two calls differ in {name}; seed what is random, and keep nothing between calls"
        for name in first
        if not np.array_equal(first[name], again[name], equal_nan=True)
    ]


def _at_corners(instance: Instance, bars: Bars, params: Mapping[str, OptionValue]) -> list[str]:
    errors: list[str] = []
    for chosen in corners(instance):
        if chosen != params:
            try:
                emit(instance, bars, chosen)
            except StrategyError as error:
                errors.append(str(error))
    return errors
