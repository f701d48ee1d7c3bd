"""Whether bars are of the market a preset was chosen on, up to the part nobody had seen.

A gate judged one market. What it left unseen there says nothing about another, so next-bar
frequencies are counted on bars that begin with the very ones the preset was chosen on, and after
them alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data import Bars

__all__ = ["nothing_to_count"]

_PRICES: Final = ("open", "high", "low", "close")


def nothing_to_count(
    config: Mapping[str, Any], evidence: Mapping[str, Any], bars: Bars
) -> str | None:
    """Return why bars hold nothing that is out of sample for a preset, `None` where they may.

    They have to be of the preset's own market: symbol and timeframe are the same, and the bars
    before `oos_start` have the fingerprint of the run that was judged. Bars without the columns
    that ship beside the prices are compared by their times and prices with the shipped ones of
    that fingerprint.

    Parameters
    ----------
    config
        Of the preset: `symbol`, `timeframe` and `dataset` are read.
    evidence
        Of the preset: `oos_start`, `oos_reason` and the fingerprint of `run` are read.
    bars
        Named, read from a file, or posted.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> bars = load_bars("TEST")
    >>> config = {"symbol": "TEST", "timeframe": "1d", "dataset": None}
    >>> evidence = {"oos_start": int(bars.ts[400]),
    ...             "run": {"fingerprint": bars.take(0, 400).fingerprint}}
    >>> nothing_to_count(config, evidence, bars) is None
    True
    >>> nothing_to_count(config, evidence, bars.take(1, 500)) is None
    False
    """
    chosen = (config["symbol"], config["timeframe"])
    if (bars.symbol, bars.timeframe) != chosen:
        return (
            f"the preset was chosen on {chosen[0]} {chosen[1]}, and these bars are "
            f"{bars.symbol} {bars.timeframe}: nothing was tested there"
        )
    fingerprint, oos_start = evidence["run"]["fingerprint"], evidence["oos_start"]
    if oos_start is None:
        return str(
            evidence.get("oos_reason")
            or "every bar was seen while the preset was chosen, so none is out of sample"
        )
    if _judged(bars, fingerprint, oos_start) is not None:
        return None
    shipped = _shipped(config["dataset"])
    judged = None if shipped is None else _judged(shipped, fingerprint, oos_start)
    if judged is not None and _begins_with(bars, judged):
        return None
    return (
        f"these bars do not begin with those of {chosen[0]} {chosen[1]} that the preset was "
        "chosen on, so what is out of sample in them is not known"
    )


def _judged(bars: Bars, fingerprint: str, oos_start: int) -> Bars | None:
    """Return the bars before `oos_start`, if they have the fingerprint."""
    seen = int(np.searchsorted(bars.ts, oos_start))
    if seen == 0 or bars.take(0, seen).fingerprint != fingerprint:
        return None
    return bars.take(0, seen)


def _shipped(dataset: str | None) -> Bars | None:
    from hyprl_lab.data import dataset_names, load_bars

    return load_bars(dataset) if dataset in dataset_names() else None


def _begins_with(bars: Bars, known: Bars) -> bool:
    count = len(known)
    return np.array_equal(bars.ts[:count], known.ts) and all(
        np.array_equal(bars.columns[name][:count], known.columns[name]) for name in _PRICES
    )
