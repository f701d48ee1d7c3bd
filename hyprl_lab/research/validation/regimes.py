"""How a record fares by the state of the market, as it was known before each return.

Two states of the market are told apart from its own headline closes: how much it moves (the
standard deviation of the last month's returns, ranked among all such values so far) and where it
goes (its return over the last quarter). A return of the record belongs to the states at the close
at which it starts, so nothing that a state says was unknown when the position was held. Ranks are
among past values alone: thirds of the whole sample would let the future say what counts as calm.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.research.stats import return_moments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.engine.result import Result
    from hyprl_lab.types import BoolArray, FloatArray, JsonValue

__all__ = ["LEAST", "Regime", "Regimes", "regimes", "trailing_thirds", "trailing_trend"]

LEAST: Final = 20
"""Returns that a regime has at least; fewer say nothing of it."""

_MONTHS: Final = 12
_QUARTERS: Final = 4
_SHORTEST: Final = 5
_VOLATILITY: Final = ("calm", "middling", "stormy")
_TREND: Final = ("falling", "rising")


@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """A record in one state of the market.

    Parameters
    ----------
    by
        `"volatility"` or `"trend"`.
    name
        Of the state: `"calm"`, `"middling"`, `"stormy"`; `"rising"`, `"falling"`.
    n
        Headline returns of the record that started in it.
    sharpe
        Annualised; `None` where there is none.
    total_return
        Of these returns, compounded.
    reason
        Why the regime does not count; `None` where it does.
    """

    by: str
    name: str
    n: int
    sharpe: float | None
    total_return: float
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regimes:
    """A record by states of the market.

    Parameters
    ----------
    month, quarter
        Headline periods over which volatility and trend look back.
    unknown
        Returns of the record that start before the volatility's rank is known.
    table
        A row for each state; each return stands in one state of volatility and in one of trend.
    """

    month: int
    quarter: int
    unknown: int
    table: tuple[Regime, ...]

    @property
    def counted(self) -> tuple[Regime, ...]:
        """Those that have a Sharpe ratio."""
        return tuple(regime for regime in self.table if regime.sharpe is not None)

    @property
    def worst(self) -> Regime | None:
        """The one with the smallest Sharpe ratio, `None` where none has one."""
        return min(self.counted, key=lambda regime: regime.sharpe or 0.0, default=None)

    @property
    def profitable(self) -> float | None:
        """Share of those that count in which the record made money; `None` where none counts."""
        counted = self.counted
        if not counted:
            return None
        return sum(regime.total_return > 0.0 for regime in counted) / len(counted)

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        table: list[Any] = [asdict(regime) for regime in self.table]
        return {**asdict(self), "table": table}


def regimes(result: Result, returns: FloatArray) -> Regimes:
    """Split a run's headline returns by what the market was like when each of them started.

    Bars before the run's period warm the states up.

    Parameters
    ----------
    result
        The run.
    returns
        Its headline returns.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.engine import run
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> result = run(load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
    >>> found = regimes(result, result.returns.to_numpy())
    >>> [regime.name for regime in found.table]
    ['calm', 'middling', 'stormy', 'rising', 'falling']
    """
    bars, window = result.bars, result.window
    before = bars.headline[bars.headline < window.start]
    closes = np.asarray(bars.columns["close"])[np.concatenate((before, window.headline))]
    per_year = result.periods_per_year
    month = max(_SHORTEST, round(per_year / _MONTHS))
    quarter = max(_SHORTEST, round(per_year / _QUARTERS))
    first = len(before)  # the close at which the first return starts
    thirds = trailing_thirds(closes, month=month, least=quarter)[first:-1]
    trend = trailing_trend(closes, quarter=quarter)[first:-1]
    table = [
        _regime("volatility", name, returns[thirds == code], per_year)
        for code, name in enumerate(_VOLATILITY)
    ]
    table += [_regime("trend", _TREND[code], returns[trend == code], per_year) for code in (1, 0)]
    return Regimes(
        month=month, quarter=quarter, unknown=int((thirds < 0).sum()), table=tuple(table)
    )


def trailing_thirds(closes: FloatArray, *, month: int, least: int) -> FloatArray:
    """Return 0, 1 or 2 for each close: in which third of all volatilities so far the last one is.

    The volatility at a close is the sample deviation of the last `month` returns; its rank is the
    share of all known so far, itself among them, that are smaller, equal ones half: below or at
    1/3 is 0, above 2/3 is 2. -1 while fewer than `least` are known.

    Parameters
    ----------
    closes
        Shape (n,), positive.
    month
        Returns of a volatility, at least 2.
    least
        Volatilities that are ranked among.

    Examples
    --------
    >>> closes = np.array([100.0, 101, 100, 103, 99, 104, 104, 104])
    >>> trailing_thirds(closes, month=2, least=2).tolist()
    [-1.0, -1.0, -1.0, 2.0, 2.0, 2.0, 1.0, 0.0]
    """
    found = np.full(len(closes), -1.0)
    known: list[float] = []
    for place, volatility in _volatilities(closes, month):
        insort(known, volatility)
        if len(known) < least:
            continue
        rank = (bisect_left(known, volatility) + bisect_right(known, volatility)) / 2 / len(known)
        found[place] = 0.0 if rank <= 1.0 / 3.0 else 2.0 if rank > 2.0 / 3.0 else 1.0
    return found


def trailing_trend(closes: FloatArray, *, quarter: int) -> FloatArray:
    """Return 1 where a close is above that of `quarter` periods before, else 0; -1 before.

    Parameters
    ----------
    closes
        Shape (n,).
    quarter
        Periods.

    Examples
    --------
    >>> trailing_trend(np.array([3.0, 1.0, 2.0, 2.0]), quarter=2).tolist()
    [-1.0, -1.0, 0.0, 1.0]
    """
    found = np.full(len(closes), -1.0)
    found[quarter:] = closes[quarter:] > closes[:-quarter] if quarter < len(closes) else 0.0
    return found


def _volatilities(closes: FloatArray, month: int) -> Iterator[tuple[int, float]]:
    """Yield each close that has one, and its volatility, rounded so that equal ones are equal."""
    if len(closes) <= month:
        return
    returns = closes[1:] / closes[:-1] - 1.0
    spans = np.lib.stride_tricks.sliding_window_view(returns, month)
    for place, volatility in enumerate(spans.std(axis=1, ddof=1).tolist(), start=month):
        yield place, round(volatility, 15)


def _regime(by: str, name: str, returns: FloatArray, per_year: float) -> Regime:
    enough: BoolArray | bool = len(returns) >= LEAST
    moments = return_moments(returns) if enough else None
    why = None
    if moments is None:
        why = "the returns do not vary" if enough else f"fewer than {LEAST} returns"
    return Regime(
        by=by,
        name=name,
        n=len(returns),
        sharpe=None if moments is None else moments.sharpe * float(np.sqrt(per_year)),
        total_return=float(np.prod(1.0 + returns) - 1.0),
        reason=why,
    )
