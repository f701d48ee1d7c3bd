"""How large the work is that is timed: as published, or small, to see that it all runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["FULL", "SMALL", "Sizes"]


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The sizes of one run of the benchmarks.

    Parameters
    ----------
    name
        `"full"` or `"small"`.
    rounds
        How often each piece of work is timed, all in turn.
    plain_trials
        So many of a search's trials are compared with the plain simulator and timed in it.
    curve_bars, curve_bars_trials
        Lengths of the bars of one curve, and its trials.
    curve_trials, curve_trials_bars
        Numbers of trials of the other, and its bars.
    large
        Trials and bars of the search of 10,000 sets on 200,000 bars.
    ledger_sides
        Windows on each axis of the searches into the ledger: their squares are the trials.
    ledger_bars
        Their bars.
    ten_million
        Windows on each axis, and fees, of the search of ten million trials.
    null
        Markets, trials and bars of the null of a search.
    null_compared
        So many of the markets are searched by public calls, too.
    overfitting
        Trials and bars of the cross-validation of a search.
    overfitting_compared
        So many of the trials are cross-validated by numpy, too.
    """

    name: str
    rounds: int
    plain_trials: int
    curve_bars: tuple[int, ...]
    curve_bars_trials: int
    curve_trials: tuple[int, ...]
    curve_trials_bars: int
    large: tuple[int, int]
    ledger_sides: tuple[int, ...]
    ledger_bars: int
    ten_million: tuple[int, int]
    null: tuple[int, int, int]
    null_compared: int
    overfitting: tuple[int, int]
    overfitting_compared: int


FULL: Final = Sizes(
    name="full",
    rounds=3,
    plain_trials=100,
    curve_bars=(1_000, 5_000, 20_000, 100_000, 200_000, 1_000_000),
    curve_bars_trials=2_500,
    curve_trials=(100, 1_000, 10_000, 100_000, 1_000_000),
    curve_trials_bars=5_000,
    large=(10_000, 200_000),
    ledger_sides=(100, 316, 1_000),
    ledger_bars=5_000,
    ten_million=(1_000, 10),
    null=(200, 1_000, 5_000),
    null_compared=20,
    overfitting=(100_000, 2_000),
    overfitting_compared=40,
)

SMALL: Final = Sizes(
    name="small",
    rounds=1,
    plain_trials=5,
    curve_bars=(1_000, 5_000),
    curve_bars_trials=100,
    curve_trials=(100, 1_000),
    curve_trials_bars=1_000,
    large=(100, 5_000),
    ledger_sides=(10, 40),
    ledger_bars=1_000,
    ten_million=(30, 3),
    null=(10, 80, 500),
    null_compared=3,
    overfitting=(500, 320),
    overfitting_compared=4,
)
