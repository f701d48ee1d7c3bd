"""The settings that a built-in strategy is meant for."""

from __future__ import annotations

from typing import Final, TypedDict

from hyprl_lab.engine.config import DEFAULTS, Execution, Money, Risk
from hyprl_lab.strategy import builtin

__all__ = ["Settings", "settings"]


class Settings(TypedDict):
    """What `hl.backtest` takes besides bars, strategy and parameters."""

    risk: Risk
    execution: Execution
    cash: float


_WITHIN_SESSION: Final = Execution(intraday=True)
_SCALPING: Final = Execution(
    lots=1,
    lot_size=50,
    option_delta=0.5,
    leverage=10,
    intraday=True,
    daily_target=Money(1_000),
    daily_loss_limit=Money(1_000),
)


def settings(name: str) -> Settings:
    """Return the risk, execution and cash that a built-in strategy is meant for.

    The defaults for most; `session_vwap` squares off at the end of each session; `ema10_scalper`
    trades one lot of 50 units by an option delta of 0.5 (its results are approximate, and can't
    be promoted), squares off too, and stops for the day once 1,000 of 100,000 are gained or lost.
    A class trades by the defaults as well.

    Parameters
    ----------
    name
        Of a built-in strategy.

    Returns
    -------
    dict
        A new one, for `hl.backtest(bars, strategy, **settings(name), params=…)`.

    Raises
    ------
    StrategyError
        No built-in strategy has that name.

    Examples
    --------
    >>> settings("dual_sma")["risk"]
    AllIn()
    >>> settings("ema10_scalper")["execution"].approximate
    True
    """
    builtin.row(name)
    if name == "ema10_scalper":
        return Settings(risk=DEFAULTS.risk, execution=_SCALPING, cash=100_000.0)
    execution = _WITHIN_SESSION if name == "session_vwap" else DEFAULTS.execution
    return Settings(risk=DEFAULTS.risk, execution=execution, cash=DEFAULTS.cash)
