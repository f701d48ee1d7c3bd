"""Execution and risk settings, one backtest, its result, and the readable twin."""

from __future__ import annotations

from hyprl_lab.engine.backtest import engine_version, run
from hyprl_lab.engine.config import (
    DEFAULTS,
    SEMANTICS,
    AllIn,
    DailyLimit,
    Execution,
    FixedFraction,
    FixedUnits,
    KellyFraction,
    Money,
    Percent,
    Risk,
    RiskPct,
    VolatilityTarget,
    defaults,
    risk_from_json,
)
from hyprl_lab.engine.intrabar import IntrabarInterval, intrabar_interval
from hyprl_lab.engine.period import Period
from hyprl_lab.engine.result import Result, RunSink
from hyprl_lab.engine.simulation import (
    REASONS,
    OrderColumns,
    Simulation,
    SimulationInputs,
    TradeColumns,
)

__all__ = [
    "DEFAULTS",
    "REASONS",
    "SEMANTICS",
    "AllIn",
    "DailyLimit",
    "Execution",
    "FixedFraction",
    "FixedUnits",
    "IntrabarInterval",
    "KellyFraction",
    "Money",
    "OrderColumns",
    "Percent",
    "Period",
    "Result",
    "Risk",
    "RiskPct",
    "RunSink",
    "Simulation",
    "SimulationInputs",
    "TradeColumns",
    "VolatilityTarget",
    "defaults",
    "engine_version",
    "intrabar_interval",
    "risk_from_json",
    "run",
]
