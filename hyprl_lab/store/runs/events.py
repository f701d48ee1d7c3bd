"""What happened to a run, in order: numbered from 1, without a gap and without a repeat.

The counter is a column of the run's row in `run_states`. Who adds an event takes the next number
in the transaction that changes the state, so the numbers are the order of the commits, whatever
the clocks say; an event's time is never earlier than that of the one before it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from hyprl_lab.errors import InputError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store.control.writer import now_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.store.control.database import Transaction
    from hyprl_lab.types import JsonValue

__all__ = ["MOST_KEPT", "Event", "EventKind", "Events", "append", "prune", "read"]

EventKind: TypeAlias = Literal[
    "queued", "running", "progress", "artifact", "completed", "failed", "cancelled"
]

MOST_KEPT: Final = 10_000
"""How many events of one run are kept at least; older ones are given up now and then."""

_PRUNED_EVERY: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to a run.

    Parameters
    ----------
    seq
        Its number, from 1.
    kind
        `queued`, `running`, `progress`, `artifact`, `completed`, `failed` or `cancelled`.
    body
        What is to be said about it, as JSON; by kind in `docs/warehouse.md`.
    created_at
        Microseconds since the epoch, UTC.

    Examples
    --------
    >>> Event(seq=1, kind="queued", body={"attempts": 0}, created_at=0).kind
    'queued'
    """

    seq: int
    kind: EventKind
    body: dict[str, JsonValue]
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """A stretch of a run's events.

    Parameters
    ----------
    first_available
        Number of the oldest event that is kept; a reader that wants an earlier one has a gap.
    last
        Number of the newest event there was at the time of reading, 0 before the first.
    events
        In order of their numbers, without a gap.
    after
        What the reader asked for: only events beyond this number.

    Examples
    --------
    >>> Events(first_available=1, last=0, events=(), after=0).next_after
    0
    """

    first_available: int
    last: int
    events: tuple[Event, ...]
    after: int

    @property
    def next_after(self) -> int:
        """What to ask for next: the number of the last of these events, or of the last one had."""
        return self.events[-1].seq if self.events else self.after


def append(
    transaction: Transaction, run_id: int, kind: EventKind, body: Mapping[str, JsonValue]
) -> int:
    """Add an event to a run, in a transaction that holds the write lock; return its number."""
    counted = transaction.row("run_states.count_event", run_id=run_id, now=now_us()) or {}
    seq = int(counted["last_event"])
    transaction.execute(
        "run_states.add_event",
        run_id=run_id,
        seq=seq,
        kind=kind,
        body=canonical_json(dict(body)).decode(),
        now=counted["updated_at"],
    )
    if seq % _PRUNED_EVERY == 0:
        prune(transaction, run_id, last=seq, keep=MOST_KEPT)
    return seq


def read(transaction: Transaction, run: Mapping[str, int], *, after: int, limit: int) -> Events:
    """Return events of a run that come after a number.

    Parameters
    ----------
    transaction
        The one that `run` was read in.
    run
        The run's row of `run_states`.
    after
        Number of the last event that the reader has, 0 for none.
    limit
        How many at most.

    Raises
    ------
    InputError
        `after` is below 0, or `limit` below 1.
    """
    if after < 0 or limit < 1:
        raise InputError(
            f"found after={after}, limit={limit}; expected the number of the last event you have "
            "(0 for none), and how many more you want (1 at least)"
        )
    rows = transaction.rows("run_states.events", run_id=run["run_id"], after=after, most=limit)
    return Events(
        first_available=run["first_event"],
        last=run["last_event"],
        events=tuple(_event(row) for row in rows),
        after=after,
    )


def prune(transaction: Transaction, run_id: int, *, last: int, keep: int) -> int:
    """Give up all but the newest `keep` events of a run; return how many went.

    The numbers of the others stay as they are.

    Raises
    ------
    InputError
        `keep` is below 1: the newest event says how the run ended.
    """
    if keep < 1:
        raise InputError(f"found keep={keep}; expected 1 at least: the newest event stays")
    first = last - keep + 1
    transaction.execute("run_states.move_first_event", run_id=run_id, first=first)
    return transaction.execute("run_states.forget_events", run_id=run_id, first=first)


def _event(row: Mapping[str, object]) -> Event:
    return Event(
        seq=cast("int", row["seq"]),
        kind=cast("EventKind", row["kind"]),
        body=cast("dict[str, JsonValue]", json.loads(cast("str", row["body"]))),
        created_at=cast("int", row["created_at"]),
    )
