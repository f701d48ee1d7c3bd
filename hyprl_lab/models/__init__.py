"""Probability models: for now, next-bar frequencies by signal state."""

from __future__ import annotations

from hyprl_lab.models.frequencies import (
    STATE_NAMES,
    Frequency,
    next_bar_frequencies,
)
from hyprl_lab.models.market import nothing_to_count
from hyprl_lab.models.predict import Prediction, closed_bars, config_states, predict
from hyprl_lab.models.signal_state import SignalStates, signal_states

__all__ = [
    "STATE_NAMES",
    "Frequency",
    "Prediction",
    "SignalStates",
    "closed_bars",
    "config_states",
    "next_bar_frequencies",
    "nothing_to_count",
    "predict",
    "signal_states",
]
