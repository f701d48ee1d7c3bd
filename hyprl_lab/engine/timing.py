"""What a simulation reads off clock and calendar: only what its graph and its rules ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.data.longer import LongerBars
    from hyprl_lab.data.timeframe import Timeframe
    from hyprl_lab.engine.execution import Execution
    from hyprl_lab.strategy.features import Features
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import BoolArray, FloatArray, IntArray

__all__ = ["Timing", "timing"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Timing:
    """One value a bar of whatever is asked for; see `SimulationInputs`.

    Parameters
    ----------
    clock
        Values of the session nodes by name.
    longer
        The longer bars of each timeframe that `on` names.
    session
        The session's number of each bar, where a rule asks for sessions.
    square_off
        Which bars stand at or after the session cutoff, with `intraday`.
    """

    clock: Mapping[str, FloatArray] = field(default_factory=dict)
    longer: Mapping[str, LongerBars] = field(default_factory=dict)
    session: IntArray | None = None
    square_off: BoolArray | None = None


def timing(
    ts: IntArray,
    timeframe: Timeframe,
    calendar: str,
    *,
    strategy: Strategy | Features,
    execution: Execution,
    check: Callable[[], None] | None = None,
) -> Timing:
    """Return what a strategy and its execution read off stamps and calendar.

    Parameters
    ----------
    ts
        Open of each bar, int64 microseconds since the epoch, UTC, ascending.
    timeframe, calendar
        The length of a bar, and whose sessions.
    strategy, execution
        Who asks.
    check
        Called between parts of the work; what it raises ends it.

    Raises
    ------
    ConfigError
        A session rule over bars of a day or longer; `intraday` with a cutoff that no bar of four
        sessions or more ever reaches.
    BarsError
        A longer timeframe that is no multiple of the bars'; stamps outside the known schedule.

    Examples
    --------
    >>> import numpy as np
    >>> from hyprl_lab.data.timeframe import Timeframe
    >>> from hyprl_lab.engine.execution import Execution
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> found = timing(np.arange(3) * 3_600_000_000, Timeframe.parse("1h"), "24/7",
    ...                strategy=dual_sma(), execution=Execution())
    >>> found.session is None, dict(found.clock)
    (True, {})
    """
    graph = strategy.graph
    if not (graph.clock or graph.longer or execution.by_session):
        return Timing()
    _check_bars(timeframe, execution)
    from hyprl_lab.data.clock import clock
    from hyprl_lab.data.longer import longer_bars
    from hyprl_lab.data.schedule import square_off
    from hyprl_lab.data.sessions import session_numbers
    from hyprl_lab.data.timeframe import Timeframe as Parsed

    past: BoolArray | None = None
    if execution.intraday:
        past = square_off(ts, timeframe, calendar, execution.session_cutoff, check=check)
        if not past.any() and np.unique(session_numbers(ts, calendar, check=check)).size > 3:
            raise ConfigError(_never(timeframe, calendar, execution.session_cutoff))
    return Timing(
        clock={name: clock(name, ts, timeframe, calendar, check=check) for name in graph.clock},
        longer={
            text: longer_bars(ts, timeframe, calendar, Parsed.parse(text), check=check)
            for text in graph.longer
        },
        session=session_numbers(ts, calendar, check=check) if execution.by_session else None,
        square_off=past,
    )


def _never(timeframe: Timeframe, calendar: str, cutoff: str | None) -> str:
    what = "the end of their sessions" if cutoff is None else f"session_cutoff={cutoff!r}"
    return (
        f"Execution intraday=True: no bar of these {timeframe} bars stands at {what} by their "
        f"calendar {calendar!r}, so positions would be held over night; give a session_cutoff "
        "that they reach (local time of the calendar), or make the bars with the calendar that "
        "is theirs"
    )


def _check_bars(timeframe: Timeframe, execution: Execution) -> None:
    if timeframe.is_intraday:
        return
    for name in ("intraday", "daily_target", "daily_loss_limit"):
        value = getattr(execution, name)
        if value not in (False, None):
            raise ConfigError(
                f"Execution {name}={value!r} on bars of {timeframe}: the rule asks what happens "
                f"within a session; hand in bars shorter than a day, or leave {name} out"
            )
