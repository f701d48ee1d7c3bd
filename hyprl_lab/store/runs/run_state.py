"""How a run is named, and how it stands: the values that `states.RunStates` speaks in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, get_args

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.control.writer import Writer
from hyprl_lab.types import RunStateName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.types import JsonValue

__all__ = [
    "RUN_STATES",
    "Attempt",
    "AttemptLostError",
    "RunHeldError",
    "RunKey",
    "RunState",
    "Submission",
    "Submitted",
    "owner_of",
    "state_of",
]

RUN_STATES: Final[tuple[RunStateName, ...]] = get_args(RunStateName)


class AttemptLostError(WarehouseError):
    """The run was cancelled, ended or taken over meanwhile; what this attempt says is refused."""


class RunHeldError(WarehouseError):
    """A living process is at work on the run: wait for it, or leave it to them."""


class RunKey(NamedTuple):
    """What names a run's state: the engines number their versions apart.

    Examples
    --------
    >>> RunKey("ab12", "native", "0.3.0").engine
    'native'
    """

    run_hash: str
    engine: str
    engine_version: str


class Submission(Protocol):
    """What is known of a run before it is computed; `RunRecord` has it too."""

    @property
    def run_hash(self) -> str:
        """SHA-256 of what decides the result, in hexadecimal."""
        ...

    @property
    def engine(self) -> str:
        """Who computes it."""
        ...

    @property
    def engine_version(self) -> str:
        """Which version of it."""
        ...

    @property
    def config(self) -> Mapping[str, JsonValue]:
        """The whole config as JSON, defaults filled in."""
        ...

    @property
    def symbol(self) -> str:
        """The bars' symbol."""
        ...

    @property
    def timeframe(self) -> str:
        """The bars' timeframe."""
        ...

    @property
    def fingerprint(self) -> str:
        """The bars' fingerprint."""
        ...

    @property
    def strategy_hash(self) -> str:
        """The strategy's hash."""
        ...

    @property
    def strategy_name(self) -> str:
        """The strategy's name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A run that is to be computed; see `Submission`.

    Parameters
    ----------
    run_hash, engine, engine_version
        Its key.
    config
        The whole config as JSON, defaults filled in.
    symbol, timeframe, fingerprint
        Of the bars.
    strategy_hash, strategy_name
        Of the strategy.

    Examples
    --------
    >>> Submitted(
    ...     run_hash="ab12", engine="native", engine_version="1", config={"cash": 1.0},
    ...     symbol="SPY", timeframe="1d", fingerprint="f", strategy_hash="h", strategy_name="n",
    ... ).symbol
    'SPY'
    """

    run_hash: str
    engine: str
    engine_version: str
    config: Mapping[str, JsonValue]
    symbol: str
    timeframe: str
    fingerprint: str
    strategy_hash: str
    strategy_name: str


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Attempt:
    """The right to end a run, as long as this object lives in the process that got it.

    Parameters
    ----------
    key
        The run.
    run_id
        Number of its row.
    number
        How many attempts there were, this one included.
    """

    key: RunKey
    run_id: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """What has become of a run.

    Parameters
    ----------
    run_id
        A number of its own, from 0.
    state
        `queued`, `running`, `completed`, `failed` or `cancelled`.
    attempt
        How often it was started.
    error
        Of a failed run, what went wrong; else `None`.
    first_event, last_event
        Numbers of the oldest event that is kept and of the newest, 0 before the first.
    owner
        Who is at work on it, `None` unless it is running.
    heartbeat_at
        When the owner last gave a sign of life; `None` unless it is running.
    created_at, updated_at
        Of its submission and its newest event. Times are microseconds since the epoch, UTC.
    """

    run_id: int
    run_hash: str
    engine: str
    engine_version: str
    state: RunStateName
    attempt: int
    config: dict[str, JsonValue]
    symbol: str
    timeframe: str
    fingerprint: str
    strategy_hash: str
    strategy_name: str
    error: str | None
    first_event: int
    last_event: int
    owner: Writer | None
    heartbeat_at: int | None
    created_at: int
    updated_at: int

    @property
    def key(self) -> RunKey:
        """What names it."""
        return RunKey(self.run_hash, self.engine, self.engine_version)

    @property
    def ended(self) -> bool:
        """Whether nobody is, or should be, at work on it."""
        return self.state in ("completed", "failed", "cancelled")


def owner_of(row: Mapping[str, Any]) -> Writer | None:
    """Return who is at work on the run of a row, `None` where nobody is."""
    if row["machine"] is None:
        return None
    return Writer(*(row[name] for name in Writer.__dataclass_fields__))


def state_of(row: Mapping[str, Any]) -> RunState:
    """Return a row of `run_states` as a value."""
    fields = RunState.__dataclass_fields__
    given = {name: row[name] for name in fields if name != "owner"}
    given |= {"config": json.loads(row["config"]), "owner": owner_of(row)}
    return RunState(**given)
