"""What else a run might have made of its trades, and of its returns: quantiles of many paths."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.research.stats.monte_carlo import monte_carlo

if TYPE_CHECKING:
    from hyprl_lab.engine.result import Result
    from hyprl_lab.research.stats.monte_carlo import Method, MonteCarlo
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["LEAST", "POINTS", "VERSION", "Outcomes", "Paths", "outcomes", "trade_returns"]

VERSION: Final = 1
"""Of the method: it changes whenever the same arguments would give another `Outcomes`."""

LEAST: Final = 8
"""Trades, and returns, from which paths are drawn."""

POINTS: Final = 60
"""After the start at which the fan is measured, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Equity curves of one method, by their quantiles; all start at 1.

    Parameters
    ----------
    method, n, resamples, seed, block_length
        As `MonteCarlo` has them.
    return_5
        Total return that one path in 20 stays below.
    drawdown_95
        Fall that one path in 20 exceeds.
    total_return, max_drawdown
        Of the record as it was.
    drawdown_p_value
        As `MonteCarlo` has it.
    steps, probabilities, fan, path
        As `MonteCarlo` has them.
    """

    method: Method
    n: int
    resamples: int
    seed: int
    block_length: float | None
    return_5: float
    drawdown_95: float
    total_return: float
    max_drawdown: float
    drawdown_p_value: float
    steps: tuple[int, ...]
    probabilities: tuple[float, ...]
    fan: tuple[tuple[float, ...], ...]
    path: tuple[float, ...]

    @classmethod
    def of(cls, found: MonteCarlo) -> Paths:
        """Take from many paths what is kept of them."""
        return cls(
            method=found.method,
            n=found.n,
            resamples=found.resamples,
            seed=found.seed,
            block_length=found.block_length,
            return_5=float(np.quantile(found.final_equities, 0.05)) - 1.0,
            drawdown_95=float(np.quantile(found.max_drawdowns, 0.95)),
            total_return=found.final_equity - 1.0,
            max_drawdown=found.max_drawdown,
            drawdown_p_value=found.drawdown_p_value,
            steps=tuple(found.steps.tolist()),
            probabilities=found.probabilities,
            fan=tuple(tuple(row) for row in found.fan.tolist()),
            path=tuple(found.path.tolist()),
        )

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        lists: dict[str, Any] = {name: list(getattr(self, name)) for name in _LISTS}
        return {**asdict(self), **lists, "fan": [list(row) for row in self.fan]}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Paths:
        """Read back what `to_dict` gave."""
        lists = {name: tuple(data[name]) for name in _LISTS}
        return cls(**{**data, **lists, "fan": tuple(tuple(row) for row in data["fan"])})


_LISTS: Final = ("steps", "probabilities", "path")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Paths of trades and of returns.

    Parameters
    ----------
    trades
        Trades drawn one by one, with replacement; `None` where there are fewer than 8.
    shuffled
        The same trades in other orders; `None` likewise.
    returns
        Headline returns drawn in blocks; `None` where there are fewer than 8, or all alike.
    """

    trades: Paths | None
    shuffled: Paths | None
    returns: Paths | None

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        found = {name: getattr(self, name) for name in _PARTS}
        return {name: None if part is None else part.to_dict() for name, part in found.items()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Outcomes:
        """Read back what `to_dict` gave."""
        found = {name: data[name] for name in _PARTS}
        return cls(
            **{
                name: None if part is None else Paths.from_dict(part)
                for name, part in found.items()
            }
        )


_PARTS: Final = ("trades", "shuffled", "returns")


def trade_returns(result: Result) -> FloatArray:
    """Return what each trade made of the equity it found; compounded they give the run's return.

    Money of a trade over the cash at the start plus the money of all trades before it. A trade
    that is left open counts at its mark. Behind a trade that lost everything there is none.

    Parameters
    ----------
    result
        The run.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.engine import run
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> result = run(load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
    >>> bool(abs(np.prod(1 + trade_returns(result)) - 1 - result.metrics.total_return) < 1e-12)
    True
    """
    money = result.simulation.trades.pnl
    before = result.cash + np.concatenate(([0.0], np.cumsum(money)))[:-1]
    alive = np.logical_and.accumulate(before > 0.0)
    found: FloatArray = money[alive] / before[alive]
    return found


def outcomes(
    trades: FloatArray, returns: FloatArray, *, vary: bool, resamples: int, seed: int
) -> Outcomes:
    """Draw a run's trades and its headline returns again.

    Parameters
    ----------
    trades
        As `trade_returns` gives them.
    returns
        Headline returns.
    vary
        Whether these do; blocks of what is all alike have no length.
    resamples
        Paths of each method.
    seed
        Of their streams.

    Raises
    ------
    InputError
        As `monte_carlo`.

    Examples
    --------
    >>> import numpy as np
    >>> found = outcomes(np.full(9, 0.01), np.zeros(3), vary=False, resamples=99, seed=0)
    >>> round(found.trades.return_5, 6), found.returns
    (0.093685, None)
    """

    def drawn(given: FloatArray, method: Method) -> Paths:
        return Paths.of(
            monte_carlo(given, method=method, resamples=resamples, points=POINTS, seed=seed)
        )

    enough = len(trades) >= LEAST
    return Outcomes(
        trades=drawn(trades, "resample") if enough else None,
        shuffled=drawn(trades, "shuffle") if enough else None,
        returns=drawn(returns, "bootstrap") if vary and len(returns) >= LEAST else None,
    )
