"""From a preset's config and closed bars to the action after the next open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import numpy as np

from hyprl_lab.errors import BarsError, ConfigError
from hyprl_lab.models.frequencies import STATE_NAMES, Frequency, next_bar_frequencies
from hyprl_lab.models.market import nothing_to_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data import Bars
    from hyprl_lab.data.timeframe import Timeframe
    from hyprl_lab.models.signal_state import SignalStates
    from hyprl_lab.types import EngineName, JsonValue

__all__ = ["Action", "Prediction", "closed_bars", "config_states", "predict"]

Action = Literal["LONG", "SHORT", "FLAT"]

_ACTIONS: Final[dict[int, Action]] = {1: "LONG", 0: "FLAT", -1: "SHORT"}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the strategy wants at the close of the last bar.

    Parameters
    ----------
    action
        The position to hold after the next open.
    position
        The position held at the last close.
    as_of_us
        The last bar's open, microseconds since the epoch, UTC. Nothing newer was read.
    bars
        How many bars were read.
    frequency
        How the next bar went after this state, out of sample; `None` with a `reason`.
    reason
        Why there is no frequency.
    """

    action: Action
    position: Action
    as_of_us: int
    bars: int
    frequency: Frequency | None
    reason: str | None


def predict(
    config: Mapping[str, JsonValue],
    evidence: Mapping[str, Any],
    bars: Bars,
    *,
    engine: EngineName = "native",
) -> Prediction:
    """Decide at the close of the last bar.

    The frequencies are counted on the bars themselves, from `oos_start` to the last one, and only
    where they are of the preset's own market (`nothing_to_count`).

    Parameters
    ----------
    config
        `symbol`, `timeframe`, `dataset`, `strategy` (its JSON), `params`, `risk`, `execution`,
        `cash`, and `periods_per_year` (by default the calendar's).
    evidence
        `oos_start`, from when bars were not seen while choosing (microseconds since the epoch,
        `None` if all were, for the `oos_reason`), and `run` with its `fingerprint`.
    bars
        Closed bars of the config's timeframe.
    engine
        Which engine is asked, for signals and simulation alike.

    Raises
    ------
    BarsError
        Fewer bars than the strategy needs to warm up, or of another timeframe.
    ConfigError, StrategyError
        The config is not one.
    """
    if config.get("timeframe") != bars.timeframe:
        raise BarsError(
            f"the bars are {bars.timeframe}, the preset was made for {config.get('timeframe')}; "
            "hand in bars of that timeframe"
        )
    oos_start = evidence["oos_start"]
    reason = nothing_to_count(config, evidence, bars)
    last = len(bars) - 1
    first = last if reason else min(last, int(np.searchsorted(bars.ts, oos_start)))
    states = config_states(config, bars, engine=engine, first=first)
    state, position = int(states.state[-1]), int(states.position[-1])
    frequency = None
    if reason is None:
        frequency = next_bar_frequencies(
            states.state,
            bars.close[first:],
            bars.ts[first:],
            since_us=oos_start,
            until_us=int(bars.ts[-1]),
        )[STATE_NAMES[state]]
        if frequency.n == 0:
            frequency = None
            reason = f"the state {STATE_NAMES[state]!r} never occurred out of sample before"
    return Prediction(
        action=_ACTIONS[state],
        position=_ACTIONS[position],
        as_of_us=int(bars.ts[-1]),
        bars=len(bars),
        frequency=frequency,
        reason=reason,
    )


def config_states(
    config: Mapping[str, JsonValue],
    bars: Bars,
    *,
    engine: EngineName = "native",
    first: int = 0,
) -> SignalStates:
    """Return the signal states of a config over bars, from row `first` on.

    Raises
    ------
    BarsError
        Not more bars than the strategy's warm-up.
    ConfigError, StrategyError
        The config is not one.
    """
    from hyprl_lab.engine.config import Execution, risk_from_json
    from hyprl_lab.models.signal_state import signal_states
    from hyprl_lab.strategy import Strategy

    strategy = Strategy.from_json(_object(config, "strategy"))
    params = cast("dict[str, float]", _object(config, "params"))
    needed = strategy.warm_up(params, bars.timeframe)
    if len(bars) <= needed:
        raise BarsError(
            f"{len(bars)} bars are too few: the strategy needs {needed} to warm up and one more; "
            "hand in a longer history"
        )
    annual = config.get("periods_per_year")
    return signal_states(
        bars,
        strategy,
        params=params,
        risk=risk_from_json(_object(config, "risk")),
        execution=Execution.from_json(_object(config, "execution")),
        cash=_number("cash", config.get("cash")),
        periods_per_year=None if annual is None else _number("periods_per_year", annual),
        engine=engine,
        first=first,
    )


def closed_bars(bars: Bars, *, now_us: int) -> Bars:
    """Return the bars without a last one that is still open at `now_us`.

    A bar is closed when its timeframe has passed since its open; a month has passed on the same
    day and time of the next calendar month, or at its last day where it has no such day (UTC).
    Bars that open after `now_us` are refused, for they can't be known.

    Raises
    ------
    BarsError
        A bar opens in the future, or none is closed.
    """
    from hyprl_lab.data.timeframe import Timeframe, stamp

    if int(bars.ts[-1]) > now_us:
        raise BarsError(f"the last bar opens at {stamp(bars.ts[-1])}, which is in the future")
    if _closes_us(int(bars.ts[-1]), Timeframe.parse(bars.timeframe)) <= now_us:
        return bars
    if len(bars) == 1:
        raise BarsError("the only bar is not closed yet; hand in closed bars")
    return bars.take(0, len(bars) - 1)


def _closes_us(opened_us: int, timeframe: Timeframe) -> int:
    """Return when a bar is over, microseconds since the epoch, UTC."""
    if timeframe.unit != "mo":
        return opened_us + timeframe.shortest_us
    opened = np.datetime64(opened_us, "us")
    month = opened.astype("datetime64[M]")
    after = month + timeframe.count
    into = opened - month.astype("datetime64[us]")
    last_day = (after + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    of_day = opened - opened.astype("datetime64[D]")
    return int(
        min(
            after.astype("datetime64[us]") + into, last_day.astype("datetime64[us]") + of_day
        ).astype(np.int64)
    )


def _object(config: Mapping[str, JsonValue], name: str) -> dict[str, JsonValue]:
    value = config.get(name)
    if not isinstance(value, dict):
        raise ConfigError(f"the config's {name} is {type(value).__name__}; expected an object")
    return value


def _number(name: str, value: JsonValue) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ConfigError(f"{name} is {type(value).__name__}; expected a number")
    return float(value)
