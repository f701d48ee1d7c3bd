"""What a power cut may leave of a home: a record of all changes, replayed up to any point."""

from __future__ import annotations

from replay.recorder import Recorder
from replay.states import State, states

__all__ = ["Recorder", "State", "states"]
