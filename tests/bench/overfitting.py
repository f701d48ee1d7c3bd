"""The probability of backtest overfitting of a large search, beside numpy by its definition.

On some trials the choice and the logit of each of the 12,870 halves are compared with the twin, and
on more of them the answers of 1, 2 and 7 threads to the bit, before any time is given.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import fresh  # the script's own folder comes first on the path
import numpy as np

import hyprl_lab as hl
from hyprl_lab.research.stats.overfitting import block_sums
from hyprl_lab.research.stats.overfitting_reference import reference_overfitting

if TYPE_CHECKING:
    from sizes import Sizes

    from hyprl_lab.types import FloatArray

THREADS = 2
BLOCKS = 16
PIECE = 1_000
"""Trials whose returns are in memory at a time."""


def timings(sizes: Sizes) -> dict[str, object]:
    """Return the row `validation:overfitting`."""
    trials, bars = sizes.overfitting
    few = sizes.overfitting_compared
    returns = noise(few, bars, piece=0)
    started = time.perf_counter()
    chosen, logits = reference_overfitting(returns, BLOCKS)
    twin = time.perf_counter() - started
    started = time.perf_counter()
    found = hl.stats.probability_of_backtest_overfitting(returns, BLOCKS, threads=THREADS)
    ours = time.perf_counter() - started
    apart = float(np.abs(found.logits - logits).max())
    if not np.array_equal(found.chosen, chosen) or apart > 1e-12:
        raise SystemExit("the kernel differs from the twin, so no time is printed")
    whole = fresh.run("overfitting", trials=trials, bars=bars, threads=THREADS, rounds=sizes.rounds)
    seconds, peak = min(whole["seconds"]), whole["peak_bytes_above_imports"]
    work = f"PBO, S = {BLOCKS}, {trials:,} trials"
    return {
        "validation:overfitting": {
            "work": f"{work}, {THREADS} threads",
            "compared_with": f"numpy by the definition on {few} trials of {bars:,} bars",
            "largest_difference": apart,
            "rounds": sizes.rounds,
            "seconds_best": {
                "hl.stats.overfitting_of_blocks": seconds,
                f"from all returns of {few} trials": ours,
                f"numpy, from all returns of {few} trials": twin,
            },
            "seconds_all": whole["seconds"],
            "times_faster_than_numpy": twin / ours,
            "peak_bytes_above_imports": peak,
            "budgets": [
                {"what": work, "unit": "s", "measured": seconds, "at_most": 3.0},
                {
                    "what": f"{work}, memory",
                    "unit": "MB",
                    "measured": peak / 1e6,
                    "at_most": 500.0,
                },
            ],
        }
    }


def noise(trials: int, bars: int, *, piece: int) -> FloatArray:
    """Return daily returns of strategies without an edge, a column a trial."""
    return np.random.default_rng(piece).normal(0.0, 0.01, (bars, trials))


def block_moments(trials: int, bars: int) -> tuple[FloatArray, FloatArray]:
    """Return the block sums of so many of them."""
    parts = [
        block_sums(noise(min(PIECE, trials - first), bars, piece=first), BLOCKS)
        for first in range(0, trials, PIECE)
    ]
    return np.concatenate([sums for sums, _ in parts]), np.concatenate([q for _, q in parts])
