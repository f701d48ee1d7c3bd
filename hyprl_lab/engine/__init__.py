"""Execution and risk settings, one backtest, its result, and the readable twin."""

from __future__ import annotations

from hyprl_lab.engine.backtest import engine_version, run
from hyprl_lab.engine.config import (
    DEFAULTS,
    SEMANTICS,
    AllIn,
    Execution,
    FixedFraction,
    Risk,
    RiskPct,
    defaults,
    risk_from_json,
)
from hyprl_lab.engine.period import Period
from hyprl_lab.engine.result import Result, RunSink
from hyprl_lab.engine.simulation import REASONS, Simulation, SimulationInputs, TradeColumns

__all__ = [
    "DEFAULTS",
    "REASONS",
    "SEMANTICS",
    "AllIn",
    "Execution",
    "FixedFraction",
    "Period",
    "Result",
    "Risk",
    "RiskPct",
    "RunSink",
    "Simulation",
    "SimulationInputs",
    "TradeColumns",
    "defaults",
    "engine_version",
    "risk_from_json",
    "run",
]
