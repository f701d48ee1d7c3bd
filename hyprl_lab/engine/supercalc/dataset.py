"""Bars and a strategy that were checked against each other once."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from hyprl_lab.data.given import checked_bars
from hyprl_lab.engine.agreement import check_graph
from hyprl_lab.engine.backtest import engine_version
from hyprl_lab.engine.checks import MOST_MONEY, above_zero, flag
from hyprl_lab.engine.config import DEFAULTS
from hyprl_lab.engine.period import Period
from hyprl_lab.engine.signals import check_signals
from hyprl_lab.engine.supercalc.sink import CountingSink
from hyprl_lab.errors import ConfigError, EngineUnavailableError, InputError
from hyprl_lab.strategy.given import checked_strategy
from hyprl_lab.strategy.wording import shown
from hyprl_lab.wiring import provided

if TYPE_CHECKING:
    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.period import Window
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import EngineName

__all__ = ["SupercalcDataset", "checked_dataset", "engine_here", "prepare_supercalc_dataset"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SupercalcDataset:
    """Bars and a strategy that fit each other, and who evaluates and counts.

    Parameters
    ----------
    bars, strategy
        What is evaluated.
    window
        The rows that are simulated: all.
    cash
        Money at the first bar.
    periods_per_year
        Headline periods a year; `None` takes the calendar's.
    engine
        `"native"`, or `"python"` where the extension module can't be loaded.
    sink
        What counts; `None` where nothing does.
    """

    bars: Bars
    strategy: Strategy
    window: Window
    cash: float
    periods_per_year: float | None
    engine: EngineName
    sink: CountingSink | None

    @property
    def engine_version(self) -> str:
        """The version of the engine that evaluates."""
        return engine_version(self.engine)

    def __repr__(self) -> str:
        """One line: what is evaluated, and by whom."""
        counted = "" if self.sink is not None else ", not counted"
        return (
            f"SupercalcDataset({self.strategy.name!r} on {self.bars.symbol} "
            f"{self.bars.timeframe}, {len(self.bars):,} bars, engine {self.engine!r}{counted})"
        )


def prepare_supercalc_dataset(
    bars: Bars,
    strategy: Strategy,
    *,
    cash: float = DEFAULTS.cash,
    periods_per_year: float | None = None,
    record: bool = True,
    sink: CountingSink | None = None,
) -> SupercalcDataset:
    """Check bars and a strategy against each other once, for many evaluations.

    Where the native engine can't be loaded the Python engine takes its place: `dataset.engine` and
    every result say so, and the first such dataset of a process warns. Numbers then agree within
    1e-10, and take some thousand times as long.

    Parameters
    ----------
    bars
        The series, all of which is simulated.
    strategy
        The graph; the columns that it names have to be there.
    cash
        Money at the first bar, 0 < cash ≤ 1e15.
    periods_per_year
        Headline periods a year, above 0; `None` takes the calendar's.
    record
        Whether what is evaluated counts in the ledger. Results that don't count say so, and can't
        be promoted.
    sink
        What counts instead of the ledger of `HYPRL_HOME`, such as
        `hyprl_lab.research.supercalc.LedgerSink(warehouse)`.

    Raises
    ------
    BarsError
        What is given is no bars, or they lack a column.
    StrategyError
        What is given is no graph, or it reaches back over all bars.
    ConfigError
        A setting is out of range.

    Warns
    -----
    RuntimeWarning
        Once a process, where the Python engine takes over.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> prepare_supercalc_dataset(load_bars("TEST"), dual_sma())
    SupercalcDataset('dual_sma' on TEST 1d, 500 bars, engine 'native')
    """
    flag("prepare_supercalc_dataset", "record", record)
    window = Period().window(checked_bars(bars))
    checked_strategy(strategy)
    check_graph(strategy, columns=bars.columns, bars=len(bars), timeframe=bars.timeframe)
    check_signals(bars.columns, strategy.columns)
    cash = above_zero("prepare_supercalc_dataset", "cash", cash, most=MOST_MONEY)
    if periods_per_year is not None:
        periods_per_year = above_zero(
            "prepare_supercalc_dataset", "periods_per_year", periods_per_year
        )
    if sink is not None and (isinstance(sink, type) or not isinstance(sink, CountingSink)):
        raise ConfigError(
            f"sink is {shown(sink)}; expected one with backtest and batch, such as "
            "hyprl_lab.research.supercalc.LedgerSink(), or None"
        )
    counting: CountingSink | None = sink
    if counting is None and record:
        counting = provided("supercalc_sink")()
    return SupercalcDataset(
        bars=bars,
        strategy=strategy,
        window=window,
        cash=cash,
        periods_per_year=periods_per_year,
        engine=engine_here(),
        sink=counting if record else None,
    )


def checked_dataset(dataset: object) -> SupercalcDataset:
    """Return a prepared dataset, or say how there is one.

    Raises
    ------
    InputError
        It is something else.
    """
    if isinstance(dataset, SupercalcDataset):
        return dataset
    raise InputError(
        f"dataset is {shown(dataset)}; expected what prepare_supercalc_dataset(bars, strategy) "
        "returns"
    )


@cache
def engine_here() -> EngineName:
    """Return which engine this process has, and warn once where it is not the native one."""
    try:
        from hyprl_lab import kernels  # noqa: F401 - whether it can be imported is the question
    except EngineUnavailableError as error:
        warnings.warn(
            "the Python engine takes the place of the native one, some thousand times slower: "
            f"{error}",
            RuntimeWarning,
            stacklevel=3,
        )
        return "python"
    return "native"
