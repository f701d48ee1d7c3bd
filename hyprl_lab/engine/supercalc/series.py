"""What a strategy wants at the close of each bar, before anything is traded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from hyprl_lab.engine import native
from hyprl_lab.engine.backtest import inputs
from hyprl_lab.engine.config import AllIn, Execution
from hyprl_lab.engine.reference_graph import Level, evaluate
from hyprl_lab.engine.supercalc.dataset import checked_dataset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.engine.simulation import SimulationInputs
    from hyprl_lab.engine.supercalc.dataset import SupercalcDataset
    from hyprl_lab.types import BoolArray, EngineName, FloatArray

__all__ = ["SignalLevel", "SignalSeries", "build_signal_series"]

_SIGNALS: Final = ("long_entry", "long_exit", "short_entry", "short_exit")
_LEVELS: Final = ("stop_loss", "take_profit", "trailing_stop")
_PRICES: Final = ("entry_limit", "entry_stop")


@dataclass(frozen=True, slots=True, eq=False)
class SignalLevel:
    """A stop, a target or a trail, in the unit of its kind.

    Parameters
    ----------
    kind
        How `values` are meant: `"percent"` (a fraction of the fill price), `"distance"` (in price)
        or `"price"` (the level itself).
    values
        float64, one a bar, read at the bar of the signal; NaN where missing.
    """

    kind: str
    values: FloatArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SignalSeries:
    """The strategy's wishes, one value a bar, known at its close; orders follow at the next open.

    Parameters
    ----------
    long_entry, long_exit, short_entry, short_exit
        Whether the condition is true; a missing value is false, and so is every value of a
        condition that the strategy does not have. Rule 2 of `docs/execution.md` (both entries at
        once, an exit beside an entry) has not been applied.
    stop_loss, take_profit, trailing_stop
        `None` where the strategy has none.
    entry_limit, entry_stop
        Prices of entry orders, NaN where missing; `None` where the strategy enters at the market.
    time_stop
        Bars after which a position is closed; `None` for never.
    engine
        Who evaluated them.
    """

    long_entry: BoolArray
    long_exit: BoolArray
    short_entry: BoolArray
    short_exit: BoolArray
    stop_loss: SignalLevel | None
    take_profit: SignalLevel | None
    trailing_stop: SignalLevel | None
    entry_limit: FloatArray | None
    entry_stop: FloatArray | None
    time_stop: int | None
    engine: EngineName


def build_signal_series(
    dataset: SupercalcDataset, params: Mapping[str, float] | None = None
) -> SignalSeries:
    """Evaluate a strategy's conditions and levels over all bars; no result is seen, none counted.

    Parameters
    ----------
    dataset
        Of `prepare_supercalc_dataset`.
    params
        A value for each parameter of the strategy.

    Raises
    ------
    InputError
        `dataset` is none.
    StrategyError
        Parameters missing, unknown or out of range; a window longer than the bars.
    BarsError
        The graph asks for what the bars don't have.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.engine.supercalc import prepare_supercalc_dataset
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> dataset = prepare_supercalc_dataset(load_bars("TEST"), dual_sma())
    >>> series = build_signal_series(dataset, {"fast": 10, "slow": 30})
    >>> series.long_entry.dtype, len(series.long_entry), series.stop_loss
    (dtype('bool'), 500, None)
    """
    checked_dataset(dataset)
    simulation = inputs(
        dataset.bars,
        dataset.strategy,
        dataset.strategy.bind(params),
        risk=AllIn(),
        execution=Execution(),
        cash=dataset.cash,
        window=dataset.window,
        periods_per_year=dataset.periods_per_year,
    )
    made = _native(simulation) if dataset.engine == "native" else _python(simulation)
    return SignalSeries(engine=dataset.engine, **made)


def _native(simulation: SimulationInputs) -> dict[str, Any]:
    from hyprl_lab import kernels

    graph = cast("dict[str, Any]", simulation.graph)
    levels = {name: graph[name] for name in _LEVELS if graph[name] is not None}
    places = {name: graph["outputs"][name] for name in _SIGNALS}
    places |= {name: level["node"] for name, level in levels.items()}
    places |= {name: graph[name] for name in (*_PRICES, "time_stop")}
    asked = {name: node for name, node in places.items() if node is not None}
    bound = [value for _, value in sorted(simulation.params.items())]
    series = kernels.evaluate(
        simulation.columns, native.setup(simulation), bound, list(asked.values())
    )
    found = dict(zip(asked, series, strict=True))
    never = np.zeros(len(simulation.ts))
    return {
        **{name: found.get(name, never) == 1.0 for name in _SIGNALS},
        **{
            name: SignalLevel(levels[name]["kind"], found[name]) if name in levels else None
            for name in _LEVELS
        },
        **{name: found.get(name) for name in _PRICES},
        "time_stop": int(found["time_stop"][0]) if "time_stop" in found else None,
    }


def _python(simulation: SimulationInputs) -> dict[str, Any]:
    plan = evaluate(simulation)

    def level(found: Level | None) -> SignalLevel | None:
        return None if found is None else SignalLevel(found.kind, np.array(found.amount))

    def price(found: list[float] | None) -> FloatArray | None:
        return None if found is None else np.array(found)

    return {
        **{name: np.array(getattr(plan, name), dtype=np.bool_) for name in _SIGNALS},
        **{name: level(getattr(plan, name)) for name in _LEVELS},
        **{name: price(getattr(plan, name)) for name in _PRICES},
        "time_stop": plan.time_stop,
    }
