"""What a backtest gives back: numbers at once, tables when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from hyprl_lab.engine.config import SEMANTICS, Execution, Risk
from hyprl_lab.engine.export import destination, write_table
from hyprl_lab.engine.identity import SCHEMA, run_config, run_hash
from hyprl_lab.engine.tables import equity_series, orders_frame, times, trades_frame
from hyprl_lab.engine.views import by_period_frame, drawdowns_frame, rolling_frame
from hyprl_lab.environment import code_version, environment_hash
from hyprl_lab.errors import WarehouseError
from hyprl_lab.metrics import Equity, Metrics

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.export import Suffix, TableName
    from hyprl_lab.engine.period import Period, Window
    from hyprl_lab.engine.simulation import Simulation
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import EngineName, IntArray, JsonValue

__all__ = ["SCHEMA", "Result", "RunSink"]


class RunSink(Protocol):
    """Where a result is stored; injected by the layer above, so that the engine stays pure."""

    def save(self, result: Result, *, features: bool = False) -> str:
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
            point_value=self.point_value,
        )

    @property
    def point_value(self) -> float:
        """Money that one unit gains when its price rises by 1: multiplier times option delta."""
        return self.execution.point_value

    @property
    def approximate(self) -> bool:
        """Whether options were approximated by a share of their underlying; not promotable."""
        return self.execution.approximate

    @property
    def ts(self) -> IntArray:
        """Open of each simulated bar, int64 microseconds UTC."""
        return self.bars.ts[self.window.start : self.window.stop]

    @cached_property
    def equity(self) -> pd.Series[float]:
        """Equity at each simulated bar's close, in money; the index is the bar's open, UTC."""
        return equity_series(self.ts, self.simulation.equity)

    @cached_property
    def returns(self) -> pd.Series[float]:
        """Headline returns as fractions, the first point excluded: what Sharpe is made of.

        One a bar for daily and longer bars, one a session for shorter ones; the index is the open
        of the bar at whose close the return ends, UTC.
        """
        import pandas as pd

        points = self.window.headline - self.window.start
        found = Equity(self.simulation.equity[points], cash=self.cash).returns()
        index = times(self.ts, points[1:]).rename("ts")
        return pd.Series(found.values, index=index, name="return")

    @cached_property
    def trades(self) -> pd.DataFrame:
        """One row a trade in the order of exits.

        Columns: `side` (long, short), `entry_ts`, `exit_ts` (open of the bar of the fill, UTC),
        `entry_price`, `exit_price`, `quantity` (units, positive), `pnl` (money, net of fees and
        financing), `return` (of the entry's notional), `reason`, `stop_price` (NaN without a
        stop), `bars_held`, `fees`, `financing` (money paid; negative where it was received),
        `mae`, `mfe` (worst and best price while held, as signed fractions of the entry price),
        `r_multiple` (pnl ÷ money at risk to the stop, NaN without one). Defined in
        `docs/execution.md`, "Trades".
        """
        return trades_frame(self.simulation.trades, self.bars.ts, point_value=self.point_value)

    @cached_property
    def orders(self) -> pd.DataFrame:
        """One row for each fill, and for each entry that was signalled and could not be made.

        Columns: `ts` (open of the bar of the fill or the cancelling, UTC), `signal_ts` (of the bar
        at whose close it was decided; NaT where no signal was: levels, time, sessions, the end),
        `side` (buy, sell), `intent` (entry, exit), `kind` (market, limit, stop), `reason`,
        `status` (filled, partial, cancelled), `why` it was cancelled (else empty), `asked`,
        `quantity` (units wanted and filled), `price` (NaN where nothing was filled), `fee`
        (money). Defined in `docs/execution.md`, "Orders".
        """
        return orders_frame(self.simulation.orders, self.bars.ts)

    def rolling(self, window: int) -> pd.DataFrame:
        """Return metrics of the last `window` headline returns, at each of them.

        Columns: `total_return`, `annualised_volatility`, `sharpe`, `max_drawdown`; NaN until the
        window is full, and where a metric is undefined.

        Parameters
        ----------
        window
            Headline returns, at least 2.

        Raises
        ------
        InputError
            The window is not a whole number of at least 2.

        Examples
        --------
        >>> import hyprl_lab as hl
        >>> always = hl.Strategy("always", long_entry=hl.close > 0)
        >>> result = hl.backtest(hl.load_bars("TEST"), always)
        >>> result.rolling(63)["sharpe"].count() == len(result.returns) - 62
        np.True_
        """
        return rolling_frame(self.returns, window, self.periods_per_year)

    def by_year(self) -> pd.DataFrame:
        """Return one row a calendar year, by the clock of the bars' calendar.

        Columns: `first_ts`, `last_ts` (its first and last bar, UTC), `partial` (more than a week
        of the year lies before the one or after the other), `total_return` (over equity at the
        end of the year before; the years multiply up to the whole), `annualised_volatility`,
        `sharpe` (of the headline returns that end in it), `max_drawdown` (within it, at closes),
        `trades`, `win_rate`, `pnl` (of the trades that closed in it; money). NaN where undefined.

        Examples
        --------
        >>> import hyprl_lab as hl
        >>> always = hl.Strategy("always", long_entry=hl.close > 0)
        >>> result = hl.backtest(hl.load_bars("TEST"), always)
        >>> years = result.by_year()
        >>> bool(abs((1 + years["total_return"]).prod() - 1 - result.metrics.total_return) < 1e-12)
        True
        """
        return by_period_frame(self, "year")

    def by_month(self) -> pd.DataFrame:
        """Return one row a calendar month, labelled such as `2020-03`; columns as `by_year`."""
        return by_period_frame(self, "month")

    def drawdowns(self) -> pd.DataFrame:
        """Return each fall of equity below its highest close, in time order.

        Columns: `start_ts` (the peak's bar; NaT where the peak is the starting cash), `trough_ts`
        (the lowest close), `end_ts` (the first close back at the peak or above; NaT where there
        is none yet), `depth` (a fraction), `bars` (closes below the peak). The deepest is
        `metrics.max_drawdown`, the longest `metrics.max_drawdown_bars`.
        """
        return drawdowns_frame(self.ts, Equity(self.simulation.equity, cash=self.cash))

    def export(
        self, place: Path | str, *, table: TableName = "trades", suffix: Suffix | None = None
    ) -> Path:
        """Write a table to a file and return its path.

        The file is whole or absent. Times are ISO 8601 in UTC; what is missing is an empty field
        in CSV, null in JSON and Parquet.

        Parameters
        ----------
        place
            A file that ends with `.csv`, `.parquet` or `.json`, overwritten where it exists; or a
            folder, where the file is named after its table.
        table
            `trades`, `orders`, `equity` or `metrics`.
        suffix
            For a folder, which file to write there; `None` writes CSV. Of a file it has to be its
            own.

        Raises
        ------
        InputError
            The table or the suffix is unknown, or the folder does not exist.

        Examples
        --------
        >>> import hyprl_lab as hl, tempfile
        >>> always = hl.Strategy("always", long_entry=hl.close > 0)
        >>> result = hl.backtest(hl.load_bars("TEST"), always)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result.export(folder, table="equity").name
        'equity.csv'
        """
        path = destination(place, table, suffix)
        if table == "metrics":
            frame = self.metrics.table().reset_index()
        elif table == "equity":
            frame = self.equity.reset_index()
        else:
            frame = self.trades if table == "trades" else self.orders
        return write_table(frame, path)

    @cached_property
    def config(self) -> dict[str, JsonValue]:
        """The evaluated config with every default written out; it can be run again."""
        return run_config(
            self.bars,
            self.strategy,
            params=self.params,
            risk=self.risk,
            execution=self.execution,
            cash=self.cash,
            seed=self.seed,
            period=self.period,
            periods_per_year=self.periods_per_year,
        )

    @cached_property
    def run_hash(self) -> str:
        """SHA-256 of the RFC 8785 JSON of config, fingerprint, semantics and schema.

        The strategy goes in by its canonical form: two spellings of one config have one hash. The
        engine is not part of it.
        """
        return run_hash(self.config, self.strategy, self.bars.fingerprint)

    @cached_property
    def lineage(self) -> dict[str, JsonValue]:
        """What the result was made of and with; beside `config`, all it takes to make it again.

        `fingerprint` and `ohlcv_fingerprint` of the bars, `strategy_hash`, `run_hash`, `seed`,
        `engine`, `engine_version`, `semantics` (of the execution rules), `code_version` and
        `environment_hash` (see `hyprl_lab.environment`). A copy in another process keeps it.

        Examples
        --------
        >>> import hyprl_lab as hl
        >>> always = hl.Strategy("always", long_entry=hl.close > 0)
        >>> result = hl.backtest(hl.load_bars("TEST"), always)
        >>> result.lineage["fingerprint"] == result.bars.fingerprint
        True
        """
        return {
            "fingerprint": self.bars.fingerprint,
            "ohlcv_fingerprint": self.bars.ohlcv_fingerprint,
            "strategy_hash": self.strategy.hash,
            "run_hash": self.run_hash,
            "seed": self.seed,
            "engine": self.engine,
            "engine_version": self.engine_version,
            "semantics": SEMANTICS,
            "code_version": code_version(),
            "environment_hash": environment_hash(),
        }

    def __getstate__(self) -> dict[str, Any]:
        self.lineage  # noqa: B018  # of the process that computed, not of the one that reads
        return self.__dict__

    def save(self, *, features: bool = False) -> str:
        """Store the run, its artifacts and its bars in the warehouse; return its `run_hash`.

        Storing the same run again changes nothing. The bars are kept with the columns that a
        strategy class left, so the run can be computed again when their file is gone.

        Parameters
        ----------
        features
            Keep what the strategy's conditions read, and what they said, as `features.parquet`.

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
        return self.sink.save(self, features=features)

    def __repr__(self) -> str:
        """One line: what ran, and what it came to."""
        metrics = self.metrics
        sharpe = "none" if metrics.sharpe is None else f"{metrics.sharpe:.3f}"
        total = "none" if metrics.total_return is None else f"{metrics.total_return:.2%}"
        label = ", approximate" if self.approximate else ""
        return (
            f"Result({self.strategy.name!r} on {self.bars.symbol} {self.bars.timeframe}, "
            f"{dict(self.params)}, return {total}, Sharpe {sharpe}, {metrics.trades} trades, "
            f"engine {self.engine!r}{label})"
        )

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>{self.metrics._repr_html_()}"
