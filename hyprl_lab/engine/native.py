"""Hands a simulation to the native engine, and its arrays back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.engine.simulation import Simulation, SimulationInputs, TradeColumns

if TYPE_CHECKING:
    from hyprl_lab.kernels import Setup

__all__ = ["setup", "simulate", "version"]


def simulate(inputs: SimulationInputs) -> Simulation:
    """Run one simulation in Rust; see `SimulationInputs` and `Simulation`.

    Raises
    ------
    EngineUnavailableError
        The extension module can't be loaded.
    StrategyError, BarsError
        A node can't be evaluated, or a column is missing.
    """
    from hyprl_lab import kernels

    params = [value for _, value in sorted(inputs.params.items())]
    found = kernels.backtest(inputs.columns, setup(inputs), params)
    return Simulation(
        equity=found["equity"],
        trades=TradeColumns(
            entry_bar=found["entry_bar"],
            exit_bar=found["exit_bar"],
            side=found["side"].astype(np.int8),
            entry_price=found["entry_price"],
            exit_price=found["exit_price"],
            quantity=found["quantity"],
            pnl=found["pnl"],
            trade_return=found["trade_return"],
            stop_price=found["stop_price"],
            reason=found["reason"].astype(np.int8),
        ),
        values=dict(zip(kernels.METRIC_NAMES, found["values"].tolist(), strict=True)),
        blocks=found["blocks"],
        behaviour_hash=found["behaviour_hash"],
        ruined_bar=found["ruined_bar"],
        deficit=found["deficit"],
    )


def setup(inputs: SimulationInputs) -> Setup:
    """Return the inputs in the form that the kernels read."""
    from hyprl_lab import kernels

    headline = inputs.headline
    return kernels.Setup(
        graph=json.dumps(inputs.graph),
        risk=json.dumps(inputs.risk.to_json()),
        execution=json.dumps(inputs.execution.to_json()),
        cash=inputs.cash,
        start=inputs.start,
        headline=np.ascontiguousarray(headline[headline >= inputs.start], dtype=np.int64),
        periods_per_year=inputs.periods_per_year,
        years=inputs.years,
    )


def version() -> str:
    """Return the native engine's version."""
    from hyprl_lab import kernels

    return kernels.VERSION
