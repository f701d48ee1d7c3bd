"""How far resampled years fall: the risk of ruin, and the fan of drawdowns behind it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.data.sessions import periods_per_year
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.research.stats.paths import stationary_steps
from hyprl_lab.research.stats.ruin import RiskOfRuin, risk_of_ruin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = [
    "DAYS",
    "LEAST",
    "POINTS",
    "VERSION",
    "DrawdownFan",
    "RuinPaths",
    "horizon_of",
    "ruin_paths",
]

VERSION: Final = 1
"""Of the method: it changes whenever the same arguments would give another `RuinPaths`."""

LEAST: Final = 8
"""Fewer returns have no block length."""

DAYS: Final = 252
"""Of trading that a path lasts."""

POINTS: Final = 60
"""At which the fan is measured, at most."""

_PROBABILITIES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawdownFan:
    """Quantiles over paths of the deepest fall so far.

    Parameters
    ----------
    steps
        Returns after which it is measured.
    probabilities
        Of the quantiles.
    quantiles
        A row for each probability: a fraction of the highest point so far, for each step.
    """

    steps: tuple[int, ...]
    probabilities: tuple[float, ...]
    quantiles: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuinPaths:
    """The risk, and how the falls of the same paths deepen.

    Parameters
    ----------
    risk
        Of a fall, and of a loss of the capital at the start.
    fan
        Of the drawdowns.
    """

    risk: RiskOfRuin
    fan: DrawdownFan

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        fan: dict[str, Any] = asdict(self.fan)
        fan["steps"], fan["probabilities"] = list(self.fan.steps), list(self.fan.probabilities)
        fan["quantiles"] = [list(row) for row in self.fan.quantiles]
        return {"risk": self.risk.to_dict(), "fan": fan}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> RuinPaths:
        """Read back what `to_dict` gave."""
        fan = data["fan"]
        return cls(
            risk=RiskOfRuin.from_dict(data["risk"]),
            fan=DrawdownFan(
                steps=tuple(fan["steps"]),
                probabilities=tuple(fan["probabilities"]),
                quantiles=tuple(tuple(row) for row in fan["quantiles"]),
            ),
        )


def horizon_of(bars: Bars) -> int:
    """Return how many headline returns 252 trading days are.

    A headline return of intraday and daily bars is that of one day; that of longer bars counts as
    many days as it holds: 252 trading days are 52 weeks on the New York calendar.

    Parameters
    ----------
    bars
        Whose timeframe and calendar say how long a headline return lasts.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> horizon_of(load_bars("TEST"))
    252
    """
    timeframe = Timeframe.parse(bars.timeframe)
    rows = periods_per_year(timeframe, bars.calendar)
    days = periods_per_year(Timeframe(1, "d"), bars.calendar)
    return max(1, round(DAYS * rows / days))


def ruin_paths(returns: FloatArray, *, horizon: int, resamples: int, seed: int) -> RuinPaths:
    """Return the risk of ruin within a horizon, and the fan of drawdowns of the same paths.

    Parameters
    ----------
    returns
        Shape (n,), headline returns, n at least 8, not all alike.
    horizon
        Returns of a path.
    resamples
        Paths.
    seed
        Of their streams.

    Raises
    ------
    InputError
        As `risk_of_ruin`.

    Examples
    --------
    >>> calm = np.random.default_rng(0).normal(0.001, 0.005, 500)
    >>> found = ruin_paths(calm, horizon=252, resamples=99, seed=0)
    >>> found.risk.hits, len(found.fan.steps)
    (0, 60)
    """
    risk = risk_of_ruin(returns, horizon=horizon, resamples=resamples, seed=seed)
    steps = np.unique(np.linspace(1, horizon, min(horizon, POINTS)).round().astype(np.int64))
    measured = set(steps.tolist())
    growth = np.maximum(1.0 + returns, 0.0)
    equity, peak, deepest = np.ones(resamples), np.ones(resamples), np.zeros(resamples)
    rows: list[FloatArray] = []
    drawn = stationary_steps(
        len(returns),
        paths=resamples,
        length=horizon,
        block_length=risk.block_length,
        seed=seed,
    )
    for step, taken in enumerate(drawn, start=1):
        equity *= growth[taken]
        np.maximum(peak, equity, out=peak)
        np.maximum(deepest, 1.0 - equity / peak, out=deepest)
        if step in measured:
            rows.append(np.quantile(deepest, _PROBABILITIES))
    return RuinPaths(
        risk=risk,
        fan=DrawdownFan(
            steps=tuple(steps.tolist()),
            probabilities=_PROBABILITIES,
            quantiles=_by_probability(rows),
        ),
    )


def _by_probability(rows: Sequence[FloatArray]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(column) for column in np.column_stack(rows).tolist())
