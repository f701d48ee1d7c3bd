"""One run by each order of stop and target inside a bar: how much the bars leave unsaid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Final, get_args

from hyprl_lab.engine import backtest, native, reference
from hyprl_lab.engine.result import Result
from hyprl_lab.errors import ConfigError, InputError
from hyprl_lab.metrics import UNITS
from hyprl_lab.strategy.wording import shown
from hyprl_lab.types import Intrabar

if TYPE_CHECKING:
    import pandas as pd

    from hyprl_lab.engine.simulation import Simulation, SimulationInputs
    from hyprl_lab.metrics import Metrics
    from hyprl_lab.types import EngineName

__all__ = ["IntrabarInterval", "intrabar_interval"]

_SHOWN: Final = (
    "total_return",
    "cagr",
    "sharpe",
    "max_drawdown",
    "max_drawdown_intrabar",
    "trades",
    "win_rate",
    "profit_factor",
    "final_equity",
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class IntrabarInterval:
    """A run by each order of stop and target inside a bar.

    The bars don't say which came first where a bar reaches both; the truth of each such bar lies
    between `stop_first`, the pessimistic reading, and `target_first`. None of the three results is
    recorded: they are one trial, read three ways.

    Parameters
    ----------
    stop_first, nearest_first, target_first
        The results; their configs differ by `Execution.intrabar` alone.
    """

    stop_first: Result
    nearest_first: Result
    target_first: Result

    @property
    def results(self) -> dict[Intrabar, Result]:
        """The three by the name of their reading, the pessimistic one first."""
        return {
            "stop_first": self.stop_first,
            "nearest_first": self.nearest_first,
            "target_first": self.target_first,
        }

    @property
    def metrics(self) -> dict[Intrabar, Metrics]:
        """All metrics of each reading."""
        return {mode: result.metrics for mode, result in self.results.items()}

    @cached_property
    def equity(self) -> pd.DataFrame:
        """Equity at each simulated bar's close, in money, a column for each reading."""
        import pandas as pd

        return pd.DataFrame({mode: result.equity for mode, result in self.results.items()})

    @cached_property
    def table(self) -> pd.DataFrame:
        """The metrics, one a row, a column for each reading; undefined ones are NaN."""
        import pandas as pd

        columns = {mode: found.to_dict() for mode, found in self.metrics.items()}
        return pd.DataFrame(columns, dtype=float).rename_axis("metric")

    def between(self, metric: str) -> tuple[float, float] | None:
        """Return the least and the largest value of a metric; `None` where one is undefined.

        Raises
        ------
        InputError
            There is no such metric.

        Examples
        --------
        >>> from hyprl_lab.data import load_bars
        >>> from hyprl_lab.engine.backtest import run
        >>> from hyprl_lab.strategy.builtin import dual_sma
        >>> result = run(load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
        >>> low, high = intrabar_interval(result).between("total_return")
        >>> low == high == result.metrics.total_return  # no stop, no target: nothing unsaid
        True
        """
        if not isinstance(metric, str) or metric not in UNITS:
            raise InputError(f"{shown(metric)} is no metric; there are {list(UNITS)}")
        values = [found.to_dict()[metric] for found in self.metrics.values()]
        known = [float(value) for value in values if isinstance(value, int | float)]
        return (min(known), max(known)) if len(known) == len(values) else None

    def __repr__(self) -> str:
        """One line: what ran, and the range it left open."""
        between = self.between("total_return")
        said = "undefined" if between is None else f"{between[0]:.2%} to {between[1]:.2%}"
        result = self.stop_first
        return (
            f"IntrabarInterval({result.strategy.name!r} on {result.bars.symbol} "
            f"{result.bars.timeframe}, return {said}, engine {result.engine!r})"
        )

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(mode.replace('_', ' '))}</th>" for mode in self.results)
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name.replace('_', ' '))}</th>"
            + "".join(
                f"<td style='text-align:right'>{_shown(getattr(found, name))}</td>"
                for found in self.metrics.values()
            )
            + "</tr>"
            for name in _SHOWN
        )
        return (
            f"<table><caption>{escape(repr(self))}</caption>"
            f"<thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )


def intrabar_interval(result: Result) -> IntrabarInterval:
    """Run a result's config by each order of stop and target inside a bar.

    The native engine evaluates the signals once and simulates three times in one pass; the twin
    runs three times.

    Parameters
    ----------
    result
        What `hl.backtest` returned; its engine is asked again.

    Raises
    ------
    InputError
        It is no result.
    EngineUnavailableError
        The native engine can't be loaded.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.engine.backtest import run
    >>> from hyprl_lab.strategy import Strategy, close, stop, ta, target
    >>> tight = Strategy("tight", long_entry=close > ta.sma(close, 20),
    ...                  stop_loss=stop.percent(0.005), take_profit=target.percent(0.005))
    >>> both = intrabar_interval(run(load_bars("TEST"), tight))
    >>> both.stop_first.metrics.total_return <= both.target_first.metrics.total_return
    True
    """
    if not isinstance(result, Result):
        raise InputError(
            f"intrabar_interval: found {shown(result)}; expected a result of hl.backtest"
        )
    inputs = backtest.inputs(
        result.bars,
        result.strategy,
        result.params,
        risk=result.risk,
        execution=result.execution,
        cash=result.cash,
        window=result.window,
        periods_per_year=result.periods_per_year,
    )
    found = _simulations(inputs, result.engine)
    readings = {
        mode: replace(
            result,
            execution=replace(result.execution, intrabar=mode),
            simulation=simulation,
            engine_version=backtest.engine_version(result.engine),
            recorded=False,
            sink=None,
        )
        for mode, simulation in found.items()
    }
    return IntrabarInterval(**readings)


def _simulations(inputs: SimulationInputs, engine: EngineName) -> dict[Intrabar, Simulation]:
    if engine == "native":
        return native.intrabar(inputs)
    if engine == "python":
        return {
            mode: reference.simulate(
                replace(inputs, execution=replace(inputs.execution, intrabar=mode))
            )
            for mode in get_args(Intrabar)
        }
    raise ConfigError(f"engine is {shown(engine)}; choose 'native' or 'python'")


def _shown(value: float | int | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}"
