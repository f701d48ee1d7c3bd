"""Trials: what makes two the same, how shards of them are committed, how they are read."""

from __future__ import annotations

from hyprl_lab.store.trials.keys import trial_key, trial_key_prefix
from hyprl_lab.store.trials.ledger import Ledger, StudyState
from hyprl_lab.store.trials.recorder import Recorder
from hyprl_lab.store.trials.reservations import (
    Reservation,
    ShardHeldError,
    ShardHeldHereError,
    ShardLiveError,
)
from hyprl_lab.store.trials.small import TrialRow

__all__ = [
    "Ledger",
    "Recorder",
    "Reservation",
    "ShardHeldError",
    "ShardHeldHereError",
    "ShardLiveError",
    "StudyState",
    "TrialRow",
    "trial_key",
    "trial_key_prefix",
]
