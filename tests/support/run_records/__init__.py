"""Runs to store: three bars, two trades, and what else is asked for."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hyprl_lab.hashing import digest
from hyprl_lab.store import RunRecord

__all__ = ["ENVIRONMENT", "orders", "record"]

TIMES = pd.date_range("2020-01-01", periods=3, tz="UTC", name="ts")

ENVIRONMENT = {"python": "3.11.2", "packages": {"numpy": "2.4.6"}}


def record(run_hash: str = "aa", **change: Any) -> RunRecord:
    """Return a run of engine `native`, version `native-1`."""
    given: dict[str, Any] = {
        "run_hash": run_hash,
        "engine": "native",
        "engine_version": "native-1",
        "config": {"cash": 10_000.0, "seed": 0},
        "metrics": {"sharpe": 1.25, "calmar": None, "trades": 2},
        "reasons": {"calmar": "there was no drawdown"},
        "trades": trades(),
        "equity": pd.Series([100.0, 102.0, 101.0], index=TIMES, name="equity"),
        "symbol": "SPY",
        "timeframe": "1d",
        "fingerprint": "f",
        "lineage_root": "r",
        "strategy_hash": "h",
        "strategy_name": "cross",
        "calendar": "XNYS",
        "semantics": 3,
        "seed": 7,
        "code_version": "0.5.0+abc",
        "environment_hash": digest(ENVIRONMENT),
        "environment": ENVIRONMENT,
    }
    return RunRecord(**given | change)


def trades() -> pd.DataFrame:
    """Return a long trade that won 2.0 and a short one that lost 1.0."""
    return pd.DataFrame(
        {
            "side": ["long", "short"],
            "entry_ts": TIMES[:2],
            "exit_ts": TIMES[1:],
            "entry_price": [10.0, 11.0],
            "exit_price": [11.0, 12.0],
            "quantity": [2.0, 1.0],
            "pnl": [2.0, -1.0],
            "return": [0.1, -1 / 11],
            "reason": ["signal", "stop_loss"],
            "stop_price": [float("nan"), 12.0],
            "bars_held": [1, 1],
            "fees": [0.5, 0.25],
            "financing": [0.0, 0.125],
            "mae": [-0.1, -0.2],
            "mfe": [0.1, 0.0],
            "r_multiple": [float("nan"), -1.0],
        }
    )


def orders() -> pd.DataFrame:
    """Return a limit order that was not reached, and a market order that was filled."""
    times = TIMES[:2].as_unit("us")
    return pd.DataFrame(
        {
            "ts": times,
            "signal_ts": [times[0], pd.NaT],
            "side": ["buy", "sell"],
            "intent": ["entry", "exit"],
            "kind": ["limit", "market"],
            "reason": ["signal", "forced"],
            "status": ["cancelled", "filled"],
            "why": ["not_reached", ""],
            "asked": [0.0, 2.0],
            "quantity": [0.0, 2.0],
            "price": [float("nan"), 11.0],
            "fee": [0.0, 0.5],
        }
    )
