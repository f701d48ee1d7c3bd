"""What the layers say to each other."""

from __future__ import annotations

import threading
from dataclasses import FrozenInstanceError

import pytest

from hyprl_lab import types
from hyprl_lab.types import CancelToken, Progress


def test_progress_is_frozen_and_knows_no_best_at_first() -> None:
    step = Progress(1, 2, 0.5)
    assert (step.done, step.total, step.seconds, step.best) == (1, 2, 0.5, None)
    with pytest.raises(FrozenInstanceError):
        step.done = 2  # type: ignore[misc]


def test_an_event_is_a_cancel_token() -> None:
    token: CancelToken = threading.Event()
    assert not token.is_set()


def test_all_names_are_there_and_sorted() -> None:
    assert types.__all__ == sorted(types.__all__)
    assert all(hasattr(types, name) for name in types.__all__)
