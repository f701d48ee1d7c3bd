"""What risk, execution, strategy and bars ask of each other, checked before a run."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from hyprl_lab.engine.execution import Execution
from hyprl_lab.engine.risk import FixedFraction, Risk, RiskPct, VolatilityTarget
from hyprl_lab.errors import BarsError, ConfigError, StrategyError
from hyprl_lab.strategy.timeframe import bars_inside
from hyprl_lab.strategy.wording import listed, shown

if TYPE_CHECKING:
    from collections.abc import Collection

    from hyprl_lab.strategy.features import Features
    from hyprl_lab.strategy.strategy import Strategy

__all__ = ["check_agreement", "check_graph", "check_leverage"]


def check_agreement(
    strategy: Strategy, risk: Risk, execution: Execution, *, columns: Collection[str], bars: int
) -> None:
    """Refuse settings that can't work together.

    Parameters
    ----------
    strategy, risk, execution
        Of the run.
    columns
        Names of the bars' columns.
    bars
        How many bars there are.

    Raises
    ------
    ConfigError
        A setting is of the wrong type, or lacks what it needs; the message names both.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> check_agreement(dual_sma(), FixedFraction(0.5), Execution(), columns=["close"], bars=99)
    """
    if not isinstance(risk, Risk):
        raise ConfigError(
            f"risk is {shown(risk)}; expected one of hl.AllIn(), hl.FixedFraction, hl.FixedUnits, "
            "hl.RiskPct, hl.VolatilityTarget, hl.KellyFraction"
        )
    if not isinstance(execution, Execution):
        raise ConfigError(f"execution is {shown(execution)}; expected hl.Execution(...)")
    _check_risk(strategy, risk, execution, bars)
    if execution.fill == "same_close":
        for name in ("entry_limit", "entry_stop"):
            if getattr(strategy, name) is not None:
                raise ConfigError(
                    f"Execution fill='same_close' with the {name} of {strategy.name!r}: such an "
                    "order waits for prices of the next bar; choose fill='next_open', or leave "
                    f"{name} out"
                )
    if execution.participation_rate is not None and "volume" not in columns:
        raise ConfigError(
            f"Execution participation_rate={execution.participation_rate:g} needs a 'volume' "
            f"column; the bars have {listed(sorted(columns))}"
        )


def check_leverage(risk: Risk, execution: Execution) -> None:
    """Refuse a share of equity that the leverage does not allow.

    Raises
    ------
    ConfigError
        `FixedFraction` is above the leverage.

    Examples
    --------
    >>> check_leverage(FixedFraction(2.0), Execution(leverage=2.0))
    """
    if isinstance(risk, FixedFraction) and risk.fraction > execution.leverage:
        raise ConfigError(
            f"FixedFraction fraction={risk.fraction:g} is above Execution "
            f"leverage={execution.leverage:g}; raise the leverage, or take a fraction up to it"
        )


def check_graph(
    strategy: Strategy | Features, *, columns: Collection[str], bars: int, timeframe: str
) -> None:
    """Refuse a graph that asks for what the bars don't have; the message names the node.

    Parameters
    ----------
    strategy
        Whose graph it is; features have one too.
    columns
        Names of the bars' columns.
    bars
        How many bars there are.
    timeframe
        Of the bars, such as `"1d"`.

    Raises
    ------
    BarsError
        A column is missing, or the timeframe of an `on` is not longer than the bars' and a
        multiple of it.
    StrategyError
        A shift reaches back over all bars.

    Examples
    --------
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> check_graph(dual_sma(), columns=["close"], bars=99, timeframe="1d")
    """
    for index, node in enumerate(strategy.graph.nodes):
        if node.op == "column" and node.name not in columns:
            raise BarsError(
                f"node {index} (column) reads {shown(node.name)}; the bars have "
                f"{listed(sorted(columns))}{_similar(node.name or '', columns)}"
            )
        if node.bars is not None and node.bars >= bars:
            raise StrategyError(
                f"node {index} (shift): it reaches back {node.bars:,} bars, and there are "
                f"{bars:,}; expected fewer than there are"
            )
        if node.timeframe is not None:
            try:
                bars_inside(node.timeframe, timeframe)
            except StrategyError as error:
                raise BarsError(f"node {index} (on {node.timeframe!r}): {error}") from None


def _similar(name: str, columns: Collection[str]) -> str:
    """Say which column may be meant: imported names are in snake case."""
    plain = re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_")
    found = difflib.get_close_matches(plain, columns, n=1)
    mend = f'; did you mean hl.col("{found[0]}")?' if found else ""
    snake = " (names are imported in snake case)" if plain != name else ""
    return f"{mend}{snake}"


def _check_risk(strategy: Strategy, risk: Risk, execution: Execution, bars: int) -> None:
    check_leverage(risk, execution)
    match risk:
        case RiskPct() if strategy.stop_loss is None and strategy.trailing_stop is None:
            raise ConfigError(
                f"RiskPct sizes by the distance to the stop, and {strategy.name!r} has none; give "
                "the strategy a stop_loss or a trailing_stop, or choose hl.AllIn() or "
                "hl.FixedFraction"
            )
        case VolatilityTarget(window=window) if window >= bars:
            raise ConfigError(
                f"VolatilityTarget window={window} needs {window + 1} bars, and there are {bars}; "
                "take a shorter window, or more bars"
            )
        case _:
            return
