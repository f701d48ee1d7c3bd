"""How a search grows with bars, trials and threads, what it holds in memory, and how it starts.

Each figure comes from a process of its own, after some of its trials were found equal to the plain
simulator's.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import fresh  # the script's own folder comes first on the path

if TYPE_CHECKING:
    from sizes import Sizes


def timings(sizes: Sizes) -> dict[str, object]:
    """Return `curve:bars`, `curve:trials`, `curve:threads`, `large`, `ledger`, `many`, `cold`."""
    cores = os.cpu_count() or 1
    trials, bars = sizes.large
    large = kernel(sizes, bars=bars, trials=trials, threads=cores)
    return {
        "curve:bars": {
            "work": f"native search of {sizes.curve_bars_trials:,} pairs of averages, 1 thread",
            "compared_with": "itself: the time per bar and trial should not grow with the bars",
            "points": [
                kernel(sizes, bars=count, trials=sizes.curve_bars_trials, threads=1)
                for count in sizes.curve_bars
            ],
        },
        "curve:trials": {
            "work": f"native search of pairs of averages on {sizes.curve_trials_bars:,} bars, "
            "1 thread",
            "compared_with": "itself: time per bar and trial, and memory, should not grow with "
            "the trials",
            "points": [
                kernel(sizes, bars=sizes.curve_trials_bars, trials=count, threads=1)
                for count in sizes.curve_trials
            ],
        },
        "curve:threads": {
            "work": f"native search of {trials:,} pairs of averages on {bars:,} bars",
            "compared_with": f"itself: one thread; the machine has {cores} cores",
            "points": [
                kernel(sizes, bars=bars, trials=trials, threads=count)
                for count in sorted({1, 2, cores})
            ],
        },
        "large": {
            "work": f"native search of {trials:,} pairs of averages on {bars:,} bars, "
            f"{cores} threads",
            "compared_with": "a budget of 2 s and 200 MB above the imports",
            **large,
            "budgets": [
                at_most("10,000 sets x 200,000 bars", "s", large["seconds_median"], 2.0),
                at_most(
                    "10,000 sets x 200,000 bars: memory above the imports",
                    "MB",
                    large["peak_bytes_above_imports"] / 1e6,
                    200.0,
                ),
            ],
        },
        "ledger": into_the_ledger(sizes),
        "many": many(sizes),
        "cold": {
            "work": "a new process, to the end of a first search of 4,851 pairs in a new warehouse",
            "compared_with": "the same search again in the same process, in another new warehouse",
            **fresh.run("cold", side=99, began=time.time()),
        },
    }


def into_the_ledger(sizes: Sizes) -> dict[str, object]:
    """Return searches of growing size into the ledger, the largest held against its budgets."""
    points = [
        fresh.run("ledger", bars=sizes.ledger_bars, side=side, fees=1, kind="full")
        for side in sizes.ledger_sides
    ]
    last = points[-1]
    return {
        "work": f"supersearch of pairs of averages on {sizes.ledger_bars:,} bars, with blocks",
        "compared_with": "the native search alone of the same trials, in the same process",
        "points": points,
        "budgets": [
            at_most(
                "a million trials into the ledger with blocks",
                "times the search alone",
                last["times_the_search_alone"],
                3.0,
            ),
            at_most(
                "a million trials: memory above the imports",
                "MB",
                last["peak_bytes_above_imports"] / 1e6,
                600.0,
            ),
            at_most("a million trials: on disk", "MB", last["bytes_on_disk"] / 1e6, 1_000.0),
            at_most("a million trials: the 20 best", "ms", last["top20_milliseconds"], 100.0),
        ],
    }


def many(sizes: Sizes) -> dict[str, object]:
    """Return the search of ten million trials in one go."""
    side, fees = sizes.ten_million
    point = fresh.run("ledger", bars=sizes.ledger_bars, side=side, fees=fees, kind="summary")
    return {
        "work": f"supersearch of {point['trials']:,} trials on {sizes.ledger_bars:,} bars: "
        f'windows x windows x fees, ledger="summary"',
        "compared_with": "the native search alone of as many trials, in the same process",
        **point,
        "budgets": [
            at_most(
                "ten million trials: memory above the imports",
                "MB",
                point["peak_bytes_above_imports"] / 1e6,
                600.0,
            )
        ],
    }


def kernel(sizes: Sizes, *, bars: int, trials: int, threads: int) -> dict[str, Any]:
    """Return one point of a curve, without blocks."""
    return fresh.run(
        "kernel", bars=bars, trials=trials, threads=threads, blocks=False, rounds=sizes.rounds
    )


def at_most(what: str, unit: str, measured: float, limit: float) -> dict[str, object]:
    """Return a budget beside what was measured."""
    return {"what": what, "unit": unit, "measured": measured, "at_most": limit}
