"""Trials of single backtests: recorded off the hot path, a row of the control database each."""

from __future__ import annotations

import json
import math
import struct
import uuid
from dataclasses import dataclass, field
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quoted
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store.control.writer import now_us
from hyprl_lab.store.defined import defined
from hyprl_lab.store.schemas import TRIAL_STATES
from hyprl_lab.store.trials import single_digest
from hyprl_lab.store.trials.keys import trial_key, trial_key_prefix

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hyprl_lab.store.control.database import Control, Transaction
    from hyprl_lab.types import JsonValue

__all__ = [
    "PURPOSES",
    "TrialRow",
    "committed_up_to",
    "note_committed",
    "put_rows",
    "write_rows",
]

_NAN: Final = float("nan")

PURPOSES: Final = ("run", "gate")
"""What a single backtest was made for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """One trial of a single backtest, as `Warehouse.record_trial` takes it.

    Parameters
    ----------
    strategy_hash, risk, execution, lineage_root, params
        What makes the trial's key; see `hyprl_lab.store.trials.keys`.
    metrics
        For each of `TRIAL_METRICS` a number; `None` or NaN where undefined.
    behaviour_hash
        64 bits, unsigned.
    state
        `completed`, `failed` or `pruned`.
    first_ts, last_ts
        Opens of the first and last bar simulated, microseconds UTC; `None` where not known.
    fingerprint
        Of the bars; `None` where not known.
    purpose
        `run`, or `gate` where the gate opened a holdout.
    id
        What was evaluated: recording the same id again is another look at the same row. By
        default each recording is a row of its own.
    key
        The trial's key, 16 bytes; made from the others.

    Raises
    ------
    InputError
        A name, a state or a number is not one of those.

    Examples
    --------
    >>> row = TrialRow(
    ...     strategy_hash="ab", risk={}, execution={}, lineage_root="r", params={"n": 5.0},
    ...     metrics=dict.fromkeys(TRIAL_METRICS, 0.0), behaviour_hash=1)
    >>> len(row.key)
    16
    """

    strategy_hash: str
    risk: Mapping[str, JsonValue]
    execution: Mapping[str, JsonValue]
    lineage_root: str
    params: Mapping[str, float]
    metrics: Mapping[str, float | None]
    behaviour_hash: int
    state: str = "completed"
    first_ts: int | None = None
    last_ts: int | None = None
    fingerprint: str | None = None
    purpose: str = "run"
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    key: bytes = field(init=False)

    def __post_init__(self) -> None:
        if self.state not in TRIAL_STATES:
            raise InputError(f"trial state is {self.state!r}; expected one of {TRIAL_STATES}")
        if self.purpose not in PURPOSES:
            raise InputError(f"purpose is {self.purpose!r}; expected one of {PURPOSES}")
        if not 0 <= self.behaviour_hash < 2**64:
            raise InputError(f"behaviour_hash is {self.behaviour_hash}; expected 0 … 2^64 - 1")
        if self.metrics.keys() != set(TRIAL_METRICS):
            raise InputError(
                f"metrics are {sorted(self.metrics)}; expected exactly {sorted(TRIAL_METRICS)}"
            )
        for name, value in self.params.items():
            if not math.isfinite(value):
                raise InputError(f"parameter {name} is {value}; expected a finite number")
        defined(self.metrics)
        try:
            given = [json.dumps(dict(value)) for value in (self.risk, self.execution)]
        except TypeError as error:
            raise InputError(f"risk and execution must be JSON: {error}") from error
        prefix = _prefix(self.strategy_hash, *given, self.lineage_root)
        object.__setattr__(self, "key", trial_key(prefix, self.params))

    def to_row(self) -> dict[str, Any]:
        """Return the row of table `small_trials`, but for its index and times."""
        names = sorted(self.params)
        return {
            "id": self.id,
            "trial_key": self.key.hex(),
            "lineage_root": self.lineage_root,
            "strategy_hash": self.strategy_hash,
            "state": self.state,
            "param_names": json.dumps(names),
            "param_values": json.dumps([float(self.params[name]) for name in names]),
            "metrics": json.dumps(defined(self.metrics), allow_nan=False),
            "behaviour_hash": str(self.behaviour_hash),
            "first_ts": self.first_ts,
            "last_ts": self.last_ts,
            "fingerprint": self.fingerprint,
            "purpose": self.purpose,
        }

    def to_body(self, number: int) -> bytes:
        """Return the body of the row's line in a journal; see `hyprl_lab.store.trials.absorbing`.

        Parameters
        ----------
        number
            Of the row in the journal.
        """
        names = sorted(self.params)
        values = _packed([self.params[name] for name in names])
        metrics = _packed([self.metrics[name] for name in TRIAL_METRICS])
        texts = (
            *(self.id, self.key.hex(), self.lineage_root, self.strategy_hash, self.state),
            *(str(self.behaviour_hash), self.purpose),
        )
        seen = ("null" if each is None else each for each in (self.first_ts, self.last_ts))
        bars = "null" if self.fingerprint is None else _quoted(self.fingerprint)
        return (  # json.dumps of all of it takes three times as long
            f'[{number},{now_us()},[{",".join(map(_quoted, names))}],"{values}","{metrics}",'
            f"[{','.join(map(_quoted, texts))}],[{','.join(map(str, seen))},{bars}]]"
        ).encode("ascii")


def write_rows(
    control: Control, rows: Sequence[TrialRow], *, journal: str | None = None, first: int = 1
) -> None:
    """Commit rows in one transaction; one that is there already is counted as another look.

    Rows of a journal are recorded once: what is handed in again, because it was not known whether
    its commit came through, or what another process has taken in, is left out. Without a journal
    rows that are handed in again have one look more than were made.

    Parameters
    ----------
    control
        The control database.
    rows
        What to record.
    journal
        The journal that has their lines, by its name.
    first
        The number of the first row in it; the others follow.
    """
    now = now_us()
    made = [row.to_row() | {"at": now} for row in rows]
    contents = [single_digest.content_of(row) for row in made]  # before the lock: it takes a while
    with control.write() as transaction:
        start = 0
        if journal is not None:
            start = max(committed_up_to(transaction, journal) - first + 1, 0)
            if start >= len(made):
                return
            note_committed(transaction, journal, first + len(made) - 1)
        put_rows(transaction, made[start:], contents[start:])


def put_rows(
    transaction: Transaction, made: Sequence[dict[str, Any]], contents: Sequence[bytes] = ()
) -> None:
    """Put rows into `small_trials`, new ones into the running digest over them too.

    Parameters
    ----------
    transaction
        Holds the write lock.
    made
        As `TrialRow.to_row` gives them, with the time `at` which they were recorded.
    contents
        Of each, as `single_digest.content_of` gives it; made here where there are none.
    """
    first = single_digest.next_index(transaction)
    contents = contents or [single_digest.content_of(row) for row in made]
    rows = [row | {"trial_index": first + i} for i, row in enumerate(made)]
    transaction.many("small_trials.insert", rows)
    single_digest.extend(transaction, first, contents, [row["id"] for row in made])
    transaction.execute("meta.put", key="small_trials_next", value=str(first + len(made)))


def committed_up_to(transaction: Transaction, journal: str) -> int:
    """Return the number of the last row of a journal that is committed, 0 for none."""
    found = transaction.row("journals.committed", name=journal)
    return 0 if found is None else int(found["committed"])


def note_committed(transaction: Transaction, journal: str, number: int) -> None:
    """Note up to which number the rows of a journal are committed, in the same transaction."""
    transaction.execute("journals.put", name=journal, committed=number)


@lru_cache(maxsize=64)
def _prefix(strategy_hash: str, risk: str, execution: str, lineage_root: str) -> bytes:
    return trial_key_prefix(strategy_hash, json.loads(risk), json.loads(execution), lineage_root)


def _packed(numbers: Sequence[float | None]) -> str:
    """Return doubles in hex, NaN for what is undefined."""
    plain = [_NAN if value is None else value for value in numbers]
    return struct.pack(f"<{len(plain)}d", *plain).hex()
