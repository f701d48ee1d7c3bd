"""Hands a simulation to the native engine, and its arrays back."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.engine.config import checked_cash
from hyprl_lab.engine.simulation import OrderColumns, Simulation, SimulationInputs, TradeColumns

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.engine.execution import Execution
    from hyprl_lab.engine.risk import Risk
    from hyprl_lab.kernels import BacktestArrays, Setup
    from hyprl_lab.types import Intrabar

__all__ = ["intrabar", "setup", "simulate", "version"]

_MODES: Final[tuple[Intrabar, ...]] = ("stop_first", "nearest_first", "target_first")


def simulate(
    inputs: SimulationInputs,
    *,
    watch: Callable[[int, int], bool] | None = None,
    portable: bool = False,
) -> Simulation:
    """Run one simulation in Rust; see `SimulationInputs` and `Simulation`.

    Parameters
    ----------
    inputs
        What is simulated.
    watch
        Called with the bars done and their number; true stops the work.
    portable
        Leave out the instructions that not every machine has; results are equal to the bit.

    Raises
    ------
    EngineUnavailableError
        The extension module can't be loaded.
    StrategyError, BarsError
        A node can't be evaluated, or a column is missing.
    ConfigError
        Cash is not above 0, or the engine refuses a setting.
    CancelledError
        `watch` said stop.
    """
    from hyprl_lab import kernels

    return _simulation(
        kernels.backtest(
            inputs.columns, setup(inputs), _params(inputs), watch=watch, portable=portable
        )
    )


def intrabar(inputs: SimulationInputs) -> dict[Intrabar, Simulation]:
    """Run a simulation by each order of stop and target inside a bar, in one pass.

    Raises
    ------
    EngineUnavailableError, StrategyError, BarsError
        As `simulate`.
    """
    from hyprl_lab import kernels

    found = kernels.intrabar(inputs.columns, setup(inputs), _params(inputs))
    return {mode: _simulation(arrays) for mode, arrays in zip(_MODES, found, strict=True)}


def setup(inputs: SimulationInputs) -> Setup:
    """Return the inputs in the form that the kernels read.

    Raises
    ------
    ConfigError
        Cash is not above 0, said as the Python engine says it.
    """
    from hyprl_lab import kernels

    cash = checked_cash(inputs.cash)
    headline, session, square_off = inputs.headline, inputs.session, inputs.square_off
    return kernels.Setup(
        graph=json.dumps(inputs.graph),
        risk=_text(inputs.risk),
        execution=_text(inputs.execution),
        cash=cash,
        start=inputs.start,
        headline=np.ascontiguousarray(headline[headline >= inputs.start], dtype=np.int64),
        periods_per_year=inputs.periods_per_year,
        years=inputs.years,
        ts=np.ascontiguousarray(inputs.ts, dtype=np.int64),
        bars_per_year=inputs.bars_per_year,
        clock=[
            (name, np.ascontiguousarray(values, dtype=np.float64))
            for name, values in inputs.clock.items()
        ],
        longer=[
            (
                timeframe,
                np.ascontiguousarray(bars.bucket, dtype=np.int64),
                np.ascontiguousarray(bars.closed, dtype=np.bool_),
            )
            for timeframe, bars in inputs.longer.items()
        ],
        session=None if session is None else np.ascontiguousarray(session, dtype=np.int64),
        square_off=(
            None if square_off is None else np.ascontiguousarray(square_off, dtype=np.bool_)
        ),
    )


def version() -> str:
    """Return the native engine's version."""
    from hyprl_lab import kernels

    return kernels.VERSION


@lru_cache(maxsize=256)
def _text(settings: Risk | Execution) -> str:
    return json.dumps(settings.to_json())


def _params(inputs: SimulationInputs) -> list[float]:
    return [value for _, value in sorted(inputs.params.items())]


def _simulation(found: BacktestArrays) -> Simulation:
    from hyprl_lab import kernels

    return Simulation(
        equity=found["equity"],
        trades=TradeColumns(
            entry_bar=found["entry_bar"],
            exit_bar=found["exit_bar"],
            side=found["side"],
            entry_price=found["entry_price"],
            exit_price=found["exit_price"],
            quantity=found["quantity"],
            pnl=found["pnl"],
            trade_return=found["trade_return"],
            stop_price=found["stop_price"],
            reason=found["reason"],
            fees=found["fees"],
            financing=found["financing"],
            mae=found["mae"],
            mfe=found["mfe"],
        ),
        values=dict(zip(kernels.METRIC_NAMES, found["values"].tolist(), strict=True)),
        blocks=found["blocks"],
        behaviour_hash=found["behaviour_hash"],
        ruined_bar=found["ruined_bar"],
        deficit=found["deficit"],
        orders=OrderColumns(
            bar=found["order_bar"],
            signal_bar=found["order_signal_bar"],
            side=found["order_side"],
            intent=found["order_intent"],
            kind=found["order_kind"],
            reason=found["order_reason"],
            status=found["order_status"],
            why=found["order_why"],
            asked=found["order_asked"],
            quantity=found["order_quantity"],
            price=found["order_price"],
            fee=found["order_fee"],
        ),
    )
