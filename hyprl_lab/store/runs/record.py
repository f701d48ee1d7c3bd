"""What is handed in to be stored of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    import pyarrow as pa

    from hyprl_lab.types import JsonValue

__all__ = ["RunRecord"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunRecord:
    """What is stored of a run; the key is (`run_hash`, `engine`, `engine_version`).

    The engines number their versions apart, so one number may be of both.

    Parameters
    ----------
    run_hash
        SHA-256 in hexadecimal, of the config and everything that decides the result.
    engine, engine_version
        Which engine computed it.
    config
        The whole config as JSON, defaults filled in.
    metrics
        By name; `None` or NaN where undefined.
    reasons
        Why a metric is undefined, by its name.
    trades
        The columns of `trades_schema()` without `run_hash`.
    equity
        A series indexed by UTC time, or a table of `ts` and `equity`.
    orders
        The columns of `orders_schema()` without `run_hash`; `None` stores no orders.
    features
        Numbers by name, indexed by UTC time, or a table of `ts` and them; `None` stores none.
    calendar, semantics, seed
        Of the bars, of the engine's rules, of the run; `None` where not known.
    code_version, environment_hash
        Of the lab and of what it ran with; see `hyprl_lab.environment`.
    environment
        What `environment_hash` is the digest of; `None` where it is stored already.
    """

    run_hash: str
    engine: str
    engine_version: str
    config: Mapping[str, JsonValue]
    metrics: Mapping[str, float | None]
    trades: pd.DataFrame | pa.Table
    equity: pd.Series[float] | pa.Table
    symbol: str
    timeframe: str
    fingerprint: str
    lineage_root: str
    strategy_hash: str
    strategy_name: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    orders: pd.DataFrame | pa.Table | None = None
    features: pd.DataFrame | pa.Table | None = None
    calendar: str | None = None
    semantics: int | None = None
    seed: int | None = None
    code_version: str | None = None
    environment_hash: str | None = None
    environment: Mapping[str, JsonValue] | None = None
