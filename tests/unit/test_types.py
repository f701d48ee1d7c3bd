"""What the layers say to each other."""

from __future__ import annotations

import threading
from dataclasses import FrozenInstanceError

import pytest

from hyprl_lab import types
from hyprl_lab.types import CancelToken, Leader, Progress


def test_progress_is_frozen_and_knows_no_best_at_first() -> None:
    step = Progress(1, 2, 0.5)
    assert (step.done, step.total, step.seconds, step.best) == (1, 2, 0.5, None)
    with pytest.raises(FrozenInstanceError):
        step.done = 2  # type: ignore[misc]


def test_a_rate_counts_what_this_start_has_done() -> None:
    step = Progress(done=300, total=500, seconds=0.5, before=200)
    assert (step.rate, step.eta) == (200.0, 1.0)
    assert Progress(done=500, total=500, seconds=2.0).eta == 0.0


@pytest.mark.parametrize(
    "step", [Progress(0, 9, 0.5), Progress(4, 9, 0.0), Progress(4, 9, 0.5, before=4)]
)
def test_without_work_or_time_there_is_no_rate(step: Progress) -> None:
    assert (step.rate, step.eta) == (None, None)


def test_a_leader_is_a_score_and_its_parameters() -> None:
    step = Progress(1, 2, 0.5, leaders=(Leader(1.5, {"fast": 5.0}),))
    assert step.leaders[0].score == 1.5
    assert step.leaders[0].params == {"fast": 5.0}


def test_an_event_is_a_cancel_token() -> None:
    token: CancelToken = threading.Event()
    assert not token.is_set()


def test_all_names_are_there_and_sorted() -> None:
    assert types.__all__ == sorted(types.__all__)
    assert all(hasattr(types, name) for name in types.__all__)
