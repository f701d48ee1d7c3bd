"""What names a run before anything is computed: its config, and the hash of all that decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.engine.config import SEMANTICS
from hyprl_lab.hashing import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.engine.period import Period
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import JsonValue

__all__ = ["SCHEMA", "run_config", "run_hash"]

SCHEMA: Final = 2
"""Version of the hashed config's form; part of every run hash."""


def run_config(
    bars: Bars,
    strategy: Strategy,
    *,
    params: Mapping[str, float],
    risk: Risk,
    execution: Execution,
    cash: float,
    seed: int,
    period: Period,
    periods_per_year: float,
) -> dict[str, JsonValue]:
    """Return the config of a run as JSON, every setting written out.

    Parameters
    ----------
    bars, strategy, params, risk, execution, cash, seed
        What is evaluated; the parameters bound, the cash as a float.
    period
        As `Window.period` has it.
    periods_per_year
        Headline periods a year that annualise.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.engine import DEFAULTS, Period
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> config = run_config(
    ...     load_bars("TEST"), dual_sma(), params={"fast": 5.0, "slow": 20.0}, risk=DEFAULTS.risk,
    ...     execution=DEFAULTS.execution, cash=10_000.0, seed=0, period=Period(),
    ...     periods_per_year=252.0)
    >>> config["symbol"], config["cash"]
    ('TEST', 10000.0)
    """
    return {
        "symbol": bars.symbol,
        "timeframe": bars.timeframe,
        "calendar": bars.calendar,
        "periods_per_year": periods_per_year,
        "strategy": strategy.to_json(),
        "params": dict(params),
        "risk": risk.to_json(),
        "execution": execution.to_json(),
        "cash": cash,
        "seed": seed,
        "period": period.to_json(),
    }


def run_hash(config: Mapping[str, JsonValue], strategy: Strategy, fingerprint: str) -> str:
    """Return the SHA-256 of the RFC 8785 JSON of config, fingerprint, semantics and schema.

    The strategy goes in by its canonical form: two spellings of one config have one hash. The
    engine is not part of it.

    Parameters
    ----------
    config
        Of `run_config`.
    strategy
        The one of the config.
    fingerprint
        Of the bars.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> run_hash({"cash": 1.0}, dual_sma(), "f") == run_hash({"cash": 1}, dual_sma(), "f")
    True
    """
    return digest(
        {
            "config": {**config, "strategy": strategy.canonical()},
            "fingerprint": fingerprint,
            "semantics": SEMANTICS,
            "schema": SCHEMA,
        }
    )
