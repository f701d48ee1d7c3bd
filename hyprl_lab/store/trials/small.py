"""Trials of single backtests: recorded off the hot path, a row of the control database each."""

from __future__ import annotations

import json
import math
import uuid
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store.control.writer import now_us
from hyprl_lab.store.defined import defined
from hyprl_lab.store.schemas import TRIAL_STATES
from hyprl_lab.store.trials import single_digest
from hyprl_lab.store.trials.keys import trial_key, trial_key_prefix

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hyprl_lab.store.control.database import Control
    from hyprl_lab.types import JsonValue

__all__ = ["TrialRow", "write_rows"]


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
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    key: bytes = field(init=False)

    def __post_init__(self) -> None:
        if self.state not in TRIAL_STATES:
            raise InputError(f"trial state is {self.state!r}; expected one of {TRIAL_STATES}")
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

    def to_row(self) -> dict[str, object]:
        """Return the row of table `small_trials`, but for its index and time."""
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
        }


def write_rows(control: Control, rows: Sequence[TrialRow]) -> None:
    """Commit rows in one transaction; one that is there already is counted as another look.

    So rows that are handed in again, because it was not known whether their commit came through,
    are recorded once all the same, and have one look more than were made. New rows go into the
    running digest of `hyprl_lab.store.trials.single_digest`.
    """
    made = [row.to_row() for row in rows]
    contents = [single_digest.content_of(row) for row in made]  # before the lock: it takes a while
    with control.write() as transaction:
        first = single_digest.next_index(transaction)
        now = now_us()
        transaction.many(
            "small_trials.insert",
            [row | {"trial_index": first + i, "now": now} for i, row in enumerate(made)],
        )
        single_digest.extend(transaction, first, contents, [row.id for row in rows])
        transaction.execute("meta.put", key="small_trials_next", value=str(first + len(rows)))


@lru_cache(maxsize=64)
def _prefix(strategy_hash: str, risk: str, execution: str, lineage_root: str) -> bytes:
    return trial_key_prefix(strategy_hash, json.loads(risk), json.loads(execution), lineage_root)
