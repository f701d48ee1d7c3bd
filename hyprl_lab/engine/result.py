"""What a backtest gives back: numbers at once, tables when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from hyprl_lab.engine.config import SEMANTICS, Execution, Risk
from hyprl_lab.engine.simulation import REASONS, Simulation
from hyprl_lab.errors import WarehouseError
from hyprl_lab.hashing import digest
from hyprl_lab.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.period import Period, Window
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import EngineName, IntArray, JsonValue

__all__ = ["SCHEMA", "Result", "RunSink"]

SCHEMA: Final = 1
"""Version of the hashed config's form; part of every run hash."""


class RunSink(Protocol):
    """Where a result is stored; injected by the layer above, so that the engine stays pure."""

    def save(self, result: Result) -> str:
        """Store the run with its artifacts and return its `run_hash`."""
        ...


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Result:
    """One evaluated config.

    Parameters
    ----------
    bars, strategy, params, risk, execution, cash, seed, period
        What was evaluated, defaults filled in; the period as `Window.period` has it.
    window
        The rows of `bars` that the period means.
    periods_per_year
        Headline periods a year that annualise.
    engine, engine_version
        Who evaluated it.
    simulation
        The engine's arrays.
    recorded
        Whether its trial goes to the ledger; a result that doesn't can't be promoted.
    sink
        Where `save` stores it.
    """

    bars: Bars
    strategy: Strategy
    params: Mapping[str, float]
    risk: Risk
    execution: Execution
    cash: float
    seed: int
    period: Period
    window: Window
    periods_per_year: float
    engine: EngineName
    engine_version: str
    simulation: Simulation
    recorded: bool = False
    sink: RunSink | None = None

    @cached_property
    def metrics(self) -> Metrics:
        """All metrics, with units and reasons for those that are undefined."""
        return Metrics.from_values(
            self.simulation.values,
            trades=self.simulation.trades.closed(),
            periods_per_year=self.periods_per_year,
        )

    @property
    def ts(self) -> IntArray:
        """Open of each simulated bar, int64 microseconds UTC."""
        return self.bars.ts[self.window.start : self.window.stop]

    @cached_property
    def equity(self) -> pd.Series[float]:
        """Equity at each simulated bar's close, in money; the index is the bar's open, UTC."""
        import pandas as pd

        index = pd.DatetimeIndex(self.ts.view("datetime64[us]"), name="ts").tz_localize("UTC")
        return pd.Series(self.simulation.equity, index=index, name="equity")

    @cached_property
    def returns(self) -> pd.Series[float]:
        """Headline returns as fractions, the first point excluded: what Sharpe is made of."""
        points = self.equity.iloc[self.window.headline - self.window.start]
        before = points.to_numpy()[:-1]
        safe = np.where(before > 0.0, before, 1.0)
        change = np.where(before > 0.0, points.to_numpy()[1:] / safe - 1.0, 0.0)
        return type(points)(change, index=points.index[1:], name="return")

    @cached_property
    def trades(self) -> pd.DataFrame:
        """One row a trade in the order of exits.

        Columns: `side` (long, short), `entry_ts`, `exit_ts` (open of the bar of the fill, UTC),
        `entry_price`, `exit_price`, `quantity` (units, positive), `pnl` (money, net of fees),
        `return` (of the entry's notional), `reason`, `stop_price` (NaN without a stop).
        """
        import pandas as pd

        trades = self.simulation.trades
        times = pd.DatetimeIndex(self.bars.ts.view("datetime64[us]")).tz_localize("UTC")
        return pd.DataFrame(
            {
                "side": np.where(trades.side > 0, "long", "short"),
                "entry_ts": times[trades.entry_bar],
                "exit_ts": times[trades.exit_bar],
                "entry_price": trades.entry_price,
                "exit_price": trades.exit_price,
                "quantity": trades.quantity,
                "pnl": trades.pnl,
                "return": trades.trade_return,
                "reason": np.asarray(REASONS)[trades.reason],
                "stop_price": trades.stop_price,
            }
        )

    @cached_property
    def config(self) -> dict[str, JsonValue]:
        """The evaluated config with every default written out; it can be run again."""
        return {
            "symbol": self.bars.symbol,
            "timeframe": self.bars.timeframe,
            "calendar": self.bars.calendar,
            "periods_per_year": self.periods_per_year,
            "strategy": self.strategy.to_json(),
            "params": dict(self.params),
            "risk": self.risk.to_json(),
            "execution": self.execution.to_json(),
            "cash": self.cash,
            "seed": self.seed,
            "period": self.period.to_json(),
        }

    @cached_property
    def run_hash(self) -> str:
        """SHA-256 of the RFC 8785 JSON of config, fingerprint, semantics and schema.

        The strategy goes in by its canonical form: two spellings of one config have one hash. The
        engine is not part of it.
        """
        return digest(
            {
                "config": {**self.config, "strategy": self.strategy.canonical()},
                "fingerprint": self.bars.fingerprint,
                "semantics": SEMANTICS,
                "schema": SCHEMA,
            }
        )

    def save(self) -> str:
        """Store the run and its artifacts in the warehouse; return its `run_hash`.

        Storing the same run again changes nothing.

        Raises
        ------
        WarehouseError
            The result came from the pure engine and knows no warehouse, or it can't be written.
        """
        if self.sink is None:
            raise WarehouseError(
                "this result was made without a warehouse; use hl.backtest to make one that can "
                "be saved"
            )
        return self.sink.save(self)

    def __repr__(self) -> str:
        """One line: what ran, and what it came to."""
        metrics = self.metrics
        sharpe = "none" if metrics.sharpe is None else f"{metrics.sharpe:.3f}"
        total = "none" if metrics.total_return is None else f"{metrics.total_return:.2%}"
        return (
            f"Result({self.strategy.name!r} on {self.bars.symbol} {self.bars.timeframe}, "
            f"{dict(self.params)}, return {total}, Sharpe {sharpe}, {metrics.trades} trades, "
            f"engine {self.engine!r})"
        )

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>{self.metrics._repr_html_()}"
