"""What becomes of a run, from its submission to its end, and who is at work on it.

    queued → running → completed | failed | cancelled

A run is queued once, whoever submits it. Who starts it gets the next attempt; while that process
lives nobody else can, and when it is dead the run can be started again. What an attempt says
afterwards that has lost its run, because another took it over or it was cancelled, is refused.
A failed or cancelled run is queued again on request. Each change is an event (`events.py`) of the
same transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal
from weakref import WeakValueDictionary

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.store.control.writer import now_us, this_writer
from hyprl_lab.store.runs import events
from hyprl_lab.store.runs.run_state import (
    RUN_STATES,
    Attempt,
    AttemptLostError,
    RunKey,
    owner_of,
    state_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hyprl_lab.store.control.database import Control, Transaction
    from hyprl_lab.store.runs.run_state import RunState, Submission
    from hyprl_lab.types import JsonValue, RunStateName

__all__ = ["RunStates"]

_MOST_LETTERS: Final = 4_000
"""How much of an error's text is kept."""


class RunStates:
    """The states of one warehouse's runs.

    Parameters
    ----------
    control
        The control database.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from hyprl_lab.store.control import Control
    >>> control = Control(Path(tempfile.mkdtemp()) / "control.sqlite")
    >>> from hyprl_lab.store.runs.run_state import Submitted
    >>> states = RunStates(control)
    >>> run = Submitted(
    ...     run_hash="ab12", engine="native", engine_version="1", config={}, symbol="SPY",
    ...     timeframe="1d", fingerprint="f", strategy_hash="h", strategy_name="n")
    >>> key = states.submit(run).key
    >>> attempt = states.start(key)
    >>> states.fail(attempt, "no bar in the period")
    >>> states.get(key).state, [event.kind for event in states.events(key).events]
    ('failed', ['queued', 'running', 'failed'])
    >>> control.close()
    """

    def __init__(self, control: Control) -> None:
        self._control = control
        self._database = str(control.engine.url)

    def submit(self, run: Submission, *, retry: bool = False) -> RunState:
        """Queue a run that was never submitted; return how it stands.

        Parameters
        ----------
        run
            Who it is.
        retry
            Queue it again where it has failed or was cancelled.
        """
        key = RunKey(run.run_hash, run.engine, run.engine_version)
        with self._control.read() as transaction:
            row = _find(transaction, key)
        if row is not None and not _is_due(row, retry):
            return state_of(row)
        with self._control.write() as transaction:
            row = _find(transaction, key)
            if row is None:
                row = _inserted(transaction, run)
            elif _is_due(row, retry):
                transaction.execute("run_states.queue", run_id=row["run_id"])
            else:
                return state_of(row)
            events.append(transaction, row["run_id"], "queued", {"attempts": row["attempt"]})
            return state_of(_row(transaction, key))

    def start(self, key: RunKey) -> Attempt | None:
        """Begin the next attempt at a run, where nobody living is at work on it.

        Returns
        -------
        Attempt or None
            To be kept for as long as the work lasts; `None` where the run has ended, or a living
            process (or another thread of this one) has it.

        Raises
        ------
        NotFoundError
            It was never submitted.
        """
        with self._control.read() as transaction:
            if not self._is_free(_row(transaction, key)):
                return None
        me = this_writer()
        with self._control.write() as transaction:
            row = _row(transaction, key)
            if not self._is_free(row):
                return None
            started = transaction.row(
                "run_states.start",
                run_id=row["run_id"],
                machine=me.machine,
                boot=me.boot,
                pid=me.pid,
                process_start=me.process_start,
                now=now_us(),
            )
            attempt = Attempt(key, row["run_id"], int((started or {})["attempt"]))
            body: dict[str, JsonValue] = {
                "attempt": attempt.number,
                "takes_over": row["state"] == "running",
            }
            events.append(transaction, row["run_id"], "running", body)
            # Before the commit: from then on another thread asks whether this attempt lives.
            _held[self._database, attempt.run_id, attempt.number] = attempt
        return attempt

    def progress(self, attempt: Attempt, done: int, total: int) -> None:
        """Say how far an attempt has come, which is a sign of life as well.

        Each call is a commit: call it a few times a second at most.

        Raises
        ------
        AttemptLostError
            The run is this attempt's no more: stop.
        """
        with self._control.write() as transaction:
            self._check(_row(transaction, attempt.key), attempt.number)
            transaction.execute("run_states.beat", run_id=attempt.run_id, now=now_us())
            body: dict[str, JsonValue] = {"attempt": attempt.number, "done": done, "total": total}
            events.append(transaction, attempt.run_id, "progress", body)

    def complete(
        self,
        transaction: Transaction,
        run: Submission,
        attempt: int | None,
        files: Sequence[Mapping[str, object]],
    ) -> None:
        """End a run that is stored in this transaction.

        Parameters
        ----------
        transaction
            The one that stores it; it holds the write lock.
        run
            Who it is; one that was never submitted is entered here.
        attempt
            Number of the attempt that computed it. `None` where it was saved without one: then
            it is complete, whoever is at work on it.
        files
            Its artifacts: `file`, `size` (bytes) and `sha256` of each.

        Raises
        ------
        AttemptLostError
            The run is that attempt's no more; the transaction has to be undone.
        """
        key = RunKey(run.run_hash, run.engine, run.engine_version)
        row = _find(transaction, key)
        if row is None:
            row = _inserted(transaction, run)
        elif attempt is not None:
            self._check(row, attempt)
        run_id = row["run_id"]
        done = transaction.row("run_states.complete", run_id=run_id) or {}
        number = int(done["attempt"])
        for entry in files:
            named: dict[str, JsonValue] = {
                "attempt": number,
                "file": str(entry["file"]),
                "size": int(str(entry["size"])),
                "sha256": str(entry["sha256"]),
            }
            events.append(transaction, run_id, "artifact", named)
        events.append(transaction, run_id, "completed", {"attempt": number})

    def fail(self, attempt: Attempt, error: str) -> None:
        """End an attempt's run with what went wrong, in words.

        Raises
        ------
        AttemptLostError
            The run is this attempt's no more.
        """
        words = error.replace("\0", "").encode("utf-8", "replace").decode()[:_MOST_LETTERS]
        with self._control.write() as transaction:
            self._check(_row(transaction, attempt.key), attempt.number)
            _end(transaction, attempt.run_id, "failed", attempt.number, words)

    def drop(self, attempt: Attempt) -> None:
        """Let go of a run without a word: who submits it next in this process takes it over."""
        _held.pop((self._database, attempt.run_id, attempt.number), None)

    def cancel(self, key: RunKey, attempt: Attempt | None = None) -> RunState:
        """Cancel a queued or running run; return how it stands then.

        One that has ended stays as it is. Who is at work on it learns of it with the next
        `progress`, and can't store it.

        Parameters
        ----------
        key
            The run.
        attempt
            Cancel it only if it is this attempt's.

        Raises
        ------
        NotFoundError
            It was never submitted.
        AttemptLostError
            The run is that attempt's no more.
        """
        with self._control.write() as transaction:
            row = _row(transaction, key)
            if attempt is not None:
                self._check(row, attempt.number)
            if row["state"] in ("queued", "running"):
                _end(transaction, row["run_id"], "cancelled", row["attempt"], None)
            return state_of(_row(transaction, key))

    def get(self, key: RunKey) -> RunState:
        """Return how a run stands.

        Raises
        ------
        NotFoundError
            It was never submitted.
        """
        with self._control.read() as transaction:
            return state_of(_row(transaction, key))

    def newest(self, run_hash: str) -> RunState:
        """Return how a run stands, of all engines and versions the one submitted last.

        Raises
        ------
        NotFoundError
            None was submitted.
        """
        with self._control.read() as transaction:
            row = transaction.row("run_states.newest", run_hash=run_hash)
        if row is None:
            raise NotFoundError(f"no run {run_hash} was ever submitted or saved here")
        return state_of(row)

    def list(self, state: RunStateName | None = None, *, limit: int = 100) -> list[RunState]:
        """Return runs, those submitted last first.

        Parameters
        ----------
        state
            Only those in it.
        limit
            How many at most.

        Raises
        ------
        InputError
            There is no such state.
        """
        if state is not None and state not in RUN_STATES:
            raise InputError(f"run state is {state!r}; expected one of {RUN_STATES}")
        with self._control.read() as transaction:
            rows = transaction.rows("run_states.list", state=state, most=limit)
        return [state_of(row) for row in rows]

    def events(self, key: RunKey, after: int = 0, *, limit: int = 1_000) -> events.Events:
        """Return what happened to a run after an event, in order.

        Whoever asks again with the last number they got sees each event once, and a gap only
        where older ones were given up (`first_available` is then beyond `after + 1`).

        Parameters
        ----------
        key
            The run.
        after
            Number of the last event you have, 0 for none.
        limit
            How many at most.

        Raises
        ------
        NotFoundError
            The run was never submitted.
        InputError
            `after` is below 0, or `limit` below 1.
        """
        with self._control.read() as transaction:
            return events.read(transaction, _row(transaction, key), after=after, limit=limit)

    def prune(self, key: RunKey, *, keep: int) -> int:
        """Give up all but a run's newest `keep` events; return how many went.

        Raises
        ------
        NotFoundError
            The run was never submitted.
        InputError
            `keep` is below 1.
        """
        with self._control.write() as transaction:
            row = _row(transaction, key)
            return events.prune(transaction, row["run_id"], last=row["last_event"], keep=keep)

    def _is_free(self, row: Mapping[str, Any]) -> bool:
        """Whether a run waits for somebody: queued, or its process is gone or has dropped it."""
        if row["state"] != "running":
            return bool(row["state"] == "queued")
        owner = owner_of(row)
        if owner == this_writer():
            return (self._database, row["run_id"], row["attempt"]) not in _held
        return owner is None or owner.is_dead(heartbeat_at=row["heartbeat_at"])

    def _check(self, row: Mapping[str, Any], attempt: int) -> None:
        if row["state"] != "running" or row["attempt"] != attempt:
            raise AttemptLostError(
                f"attempt {attempt} at run {row['run_hash']} has lost it: found it "
                f"{row['state']}, attempt {row['attempt']}; nothing was recorded. Stop, and read "
                "its state"
            )


_held: WeakValueDictionary[tuple[str, int, int], Attempt] = WeakValueDictionary()
"""Attempts of this process that somebody still works on: database, run, number."""


def _find(transaction: Transaction, key: RunKey) -> dict[str, Any] | None:
    return transaction.row("run_states.get", **key._asdict())


def _row(transaction: Transaction, key: RunKey) -> dict[str, Any]:
    row = _find(transaction, key)
    if row is None:
        raise NotFoundError(
            f"run {key.run_hash} by engine {key.engine} {key.engine_version} was never submitted "
            "or saved here"
        )
    return row


def _inserted(transaction: Transaction, run: Submission) -> dict[str, Any]:
    row = transaction.row(
        "run_states.insert",
        run_hash=run.run_hash,
        engine=run.engine,
        engine_version=run.engine_version,
        config=canonical_json(dict(run.config)).decode(),
        symbol=run.symbol,
        timeframe=run.timeframe,
        fingerprint=run.fingerprint,
        strategy_hash=run.strategy_hash,
        strategy_name=run.strategy_name,
        now=now_us(),
    )
    return row or {}


def _end(
    transaction: Transaction,
    run_id: int,
    state: Literal["failed", "cancelled"],
    attempt: int,
    error: str | None,
) -> None:
    transaction.execute("run_states.end", run_id=run_id, state=state, error=error)
    said: dict[str, JsonValue] = {} if error is None else {"error": error}
    events.append(transaction, run_id, state, {"attempt": attempt, **said})


def _is_due(row: Mapping[str, Any], retry: bool) -> bool:
    return retry and row["state"] in ("failed", "cancelled")
