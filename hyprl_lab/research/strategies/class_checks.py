"""The checks of a strategy class."""

from __future__ import annotations

import time
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.fingerprint import fingerprint
from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.classes import Instance, instance_of
from hyprl_lab.research.strategies.compiled import emit
from hyprl_lab.research.strategies.emitted import checked_signals
from hyprl_lab.research.strategies.guarded import called, guarded
from hyprl_lab.research.strategies.options import OptionValue, bound
from hyprl_lab.research.strategies.report import Report
from hyprl_lab.research.strategies.sample import sample_bars
from hyprl_lab.research.strategies.truncation import Looked, look_ahead

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
    try:
        instance = instance_of(found)
        values = bound(instance.options, params, instance.name)
    except StrategyError as error:
        return Report(called(found), (str(error),))
    sample = sample_bars() if bars is None else bars
    warnings = [
        f"parameter {name!r} has no range, so its ends are not tried; give it min and max"
        for name, option in instance.options.items()
        if not option.ends
    ]
    seconds: list[float] = []

    def make(part: Bars) -> dict[str, FloatArray]:
        begun = time.perf_counter()
        signals = emit(instance_of(found), part, values)
        if len(part) == len(sample):
            seconds.append(time.perf_counter() - begun)
        return signals

    try:
        looked = look_ahead(sample, make, others=True)
        again, errors = _again(found, sample, values)
    except StrategyError as error:
        return Report(instance.name, (str(error),), tuple(warnings))
    if max(seconds) > _SLOW_SECONDS:
        warnings.append(
            f"one call over {len(sample)} bars took {max(seconds):.1f} s; a loop over bars may be "
            "written with arrays"
        )
    errors += _differing(looked.whole, again)
    errors += looked.differing
    errors += _unchecked(looked, instance.titled(values))
    errors += _at_corners(found, instance, sample, values)
    if looked.several:
        warnings += looked.failed[:1]
    return Report(instance.name, tuple(errors), tuple(warnings + oddities(looked.whole)))


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


def _again(
    found: object, bars: Bars, params: Mapping[str, OptionValue]
) -> tuple[dict[str, FloatArray], list[str]]:
    """Call another object, on bars of its own; return its signals, and whether it changed them."""
    instance = instance_of(found)
    title = instance.titled(params)
    with guarded(title):
        copy = bars.at(np.arange(len(bars)))
        signals = checked_signals(instance.made.generate_signals(copy, **params), bars)
    changed = fingerprint(copy.ts, copy.columns) != bars.fingerprint
    return signals, [f"{title} changes the bars; work on copies"] if changed else []


def _differing(first: Mapping[str, FloatArray], again: Mapping[str, FloatArray]) -> list[str]:
    if list(first) != list(again):
        return [f"two calls differ: {list(first)}, then {list(again)}"]
    return [
        f"two calls differ in {name}; seed what is random, and keep nothing between calls"
        for name in first
        if not np.array_equal(first[name], again[name], equal_nan=True)
    ]


def _unchecked(looked: Looked, title: str) -> list[str]:
    """Say that nothing was looked at, where too few cuts could be evaluated."""
    if looked.several:
        return []
    told = looked.failed[0] if looked.failed else "there are too few bars to cut"
    error = (
        f"{title}: look-ahead can't be told, for it can't be evaluated on fewer bars ({told}); "
        "return NaN where there are too few bars, or hand in more of them as bars="
    )
    return [error]


def _at_corners(
    found: object, instance: Instance, bars: Bars, params: Mapping[str, OptionValue]
) -> list[str]:
    errors: list[str] = []
    for chosen in corners(instance):
        if chosen == params:
            continue
        title = instance.titled(chosen)

        def make(part: Bars, chosen: Mapping[str, OptionValue] = chosen) -> dict[str, FloatArray]:
            return emit(instance_of(found), part, chosen)

        try:
            looked = look_ahead(bars, make, evenly=2, behind=2, others=True)
        except StrategyError as error:
            errors.append(str(error))
            continue
        errors += [f"{title}: {text}" for text in looked.differing]
        errors += _unchecked(looked, title)
    return errors
