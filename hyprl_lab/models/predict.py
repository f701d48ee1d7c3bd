"""From a preset's config and closed bars to the action after the next open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

from hyprl_lab.errors import BarsError, ConfigError
from hyprl_lab.models.frequencies import STATE_NAMES, Frequency, next_bar_frequencies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data import Bars
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
    bars: Bars,
    *,
    history: Bars | None,
    oos_start_us: int | None,
    engine: EngineName = "native",
) -> Prediction:
    """Decide at the close of the last bar.

    Parameters
    ----------
    config
        `timeframe`, `strategy` (its JSON), `params`, `risk`, `execution`, `cash`.
    bars
        Closed bars of the config's timeframe.
    history
        The bars the config was chosen on, whose out-of-sample part the frequencies are counted
        on; of it nothing newer than the last of `bars` is counted. `None` gives no frequency.
    oos_start_us
        From when `history` was not seen while choosing, microseconds since the epoch; `None` if
        all of it was.
    engine
        Which engine simulates; both agree.

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
    states = config_states(config, bars, engine=engine)
    state, position = int(states.state[-1]), int(states.position[-1])
    frequency, reason = None, None
    if history is None:
        reason = "the bars the preset was chosen on are not here, so nothing can be counted"
    elif oos_start_us is None:
        reason = "every bar was seen while the preset was chosen, so none is out of sample"
    else:
        same = history == bars
        known = states if same else config_states(config, history, engine=engine)
        frequency = next_bar_frequencies(
            known.state,
            history.close,
            history.ts,
            since_us=oos_start_us,
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
    config: Mapping[str, JsonValue], bars: Bars, *, engine: EngineName = "native"
) -> SignalStates:
    """Return the signal states of a config over bars.

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
    needed = strategy.warm_up(params)
    if len(bars) <= needed:
        raise BarsError(
            f"{len(bars)} bars are too few: the strategy needs {needed} to warm up and one more; "
            "hand in a longer history"
        )
    cash = config.get("cash")
    if isinstance(cash, bool) or not isinstance(cash, (int, float)):
        raise ConfigError(f"cash is {type(cash).__name__}; expected a number")
    return signal_states(
        bars,
        strategy,
        params=params,
        risk=risk_from_json(_object(config, "risk")),
        execution=Execution.from_json(_object(config, "execution")),
        cash=float(cash),
        engine=engine,
    )


def closed_bars(bars: Bars, *, now_us: int) -> Bars:
    """Return the bars without a last one that is still open at `now_us`.

    A bar is closed when its timeframe has passed since its open. Bars that open after `now_us`
    are refused, for they can't be known.

    Raises
    ------
    BarsError
        A bar opens in the future, or none is closed.
    """
    from hyprl_lab.data.timeframe import Timeframe, stamp

    length = Timeframe.parse(bars.timeframe).shortest_us
    if int(bars.ts[-1]) > now_us:
        raise BarsError(f"the last bar opens at {stamp(bars.ts[-1])}, which is in the future")
    if int(bars.ts[-1]) + length <= now_us:
        return bars
    if len(bars) == 1:
        raise BarsError("the only bar is not closed yet; hand in closed bars")
    return bars.take(0, len(bars) - 1)


def _object(config: Mapping[str, JsonValue], name: str) -> dict[str, JsonValue]:
    value = config.get(name)
    if not isinstance(value, dict):
        raise ConfigError(f"the config's {name} is {type(value).__name__}; expected an object")
    return value
