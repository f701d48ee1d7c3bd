"""What a planted edge is truly worth: its Sharpe ratio over thousands of years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

import hyprl_lab as hl
from calibration.markets import drifting_bars
from calibration.searches import COSTS, LENGTH, RISK, SPACE, fresh_warehouse, trend

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TrueSharpe", "true_sharpe"]

_CENTURY: Final = 100
"""Years of one history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueSharpe:
    """The best parameters of the space on a process, and what they earn.

    Parameters
    ----------
    drift
        Of the process.
    params
        Those with the highest mean Sharpe ratio.
    sharpe
        Their annual Sharpe ratio, costs included: the mean over histories of 100 years.
    standard_error
        Of that mean, from the spread between histories.
    median
        Of the Sharpe ratios of all parameter sets.
    years
        Simulated.
    """

    drift: float
    params: Mapping[str, float]
    sharpe: float
    standard_error: float
    median: float
    years: int


def true_sharpe(drift: float, *, years: int) -> TrueSharpe:
    """Estimate what a drift is worth to the best of the 500 parameter sets.

    Every set runs on every history, so the maximum is over means whose errors are a few
    hundredths and nearly common to neighbours: what choosing adds to it is far below the standard
    error.
    """
    histories = years // _CENTURY
    if histories < 1:
        raise ValueError(f"years is {years}; expected at least {_CENTURY}, one history")
    found = []
    for index in range(histories):
        bars = drifting_bars((1926, index), years=_CENTURY, drift=drift, length=LENGTH)
        with fresh_warehouse() as warehouse:
            study = hl.supersearch(
                bars,
                trend(),
                SPACE,
                risk=RISK,
                execution=COSTS,
                holdout=0.0,
                threads=1,
                ledger="summary",
                progress=False,
                warehouse=warehouse,
            )
            trials = study.trials()
        found.append(trials["sharpe"].to_numpy())
        names = list(study.points.names)
    each = np.array(found)
    means = each.mean(axis=0)
    best = int(means.argmax())
    return TrueSharpe(
        drift=drift,
        params={name: float(trials[name].iloc[best]) for name in names},
        sharpe=float(means[best]),
        standard_error=float(each[:, best].std(ddof=1) / np.sqrt(histories)),
        median=float(np.median(means)),
        years=_CENTURY * histories,
    )
