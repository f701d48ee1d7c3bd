from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from hyprl_lab.errors import BarsError, CancelledError
from hyprl_lab.research.null import draws as module
from hyprl_lab.research.null.draws import Draws
from hyprl_lab.research.null.kept import Kept
from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hyprl_lab.types import Progress

SCORES = np.random.Generator(np.random.PCG64(2)).uniform(size=200)


class Scoring:
    """Gives the score of each market, late ones first, and remembers which were asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, number: int, watch: Callable[[int, int], bool]) -> float:
        self.asked.append(number)
        if number % 3 == 0:
            time.sleep(0.001)
        if watch(0, 0):
            raise CancelledError("stopped")
        return float(SCORES[number])


class After:
    """A token that is set once it was looked at so often."""

    def __init__(self, looks: int) -> None:
        self.left = looks

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def draws(place: Path, score: Any, **changes: Any) -> Draws:
    given: dict[str, Any] = {
        "real": 0.9,
        "markets": 200,
        "stop_after": None,
        "workers": 2,
        "kept": Kept(warehouse=Warehouse(place), key="key"),
    }
    return Draws(score=score, **(given | changes))


def silent(_step: Progress) -> None:
    pass


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_scores_stand_in_the_order_of_markets(workers: int, tmp_path: Path) -> None:
    found = draws(tmp_path, Scoring(), workers=workers).run(silent, None)
    assert np.array_equal(found, SCORES)


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_it_stops_at_the_market_that_makes_them_enough(workers: int, tmp_path: Path) -> None:
    score = Scoring()
    found = draws(tmp_path, score, workers=workers, stop_after=5).run(silent, None)
    last = np.flatnonzero(SCORES >= 0.9)[4]
    assert np.array_equal(found, SCORES[: last + 1])
    assert len(score.asked) <= last + 1 + 2 * workers + 1


def test_what_is_kept_is_not_made_again(tmp_path: Path) -> None:
    draws(tmp_path, Scoring(), markets=80).run(silent, None)
    more = Scoring()
    assert np.array_equal(draws(tmp_path, more, markets=200).run(silent, None), SCORES)
    assert sorted(more.asked) == list(range(80, 200))
    none, said = Scoring(), []
    fewer = draws(tmp_path, none, markets=60).run(said.append, None)
    assert np.array_equal(fewer, SCORES[:60])
    assert none.asked == []
    assert [(step.done, step.total, step.before) for step in said] == [(60, 60, 60)]


def test_another_limit_reads_the_same_scores(tmp_path: Path) -> None:
    draws(tmp_path, Scoring()).run(silent, None)
    none = Scoring()
    found = draws(tmp_path, none, stop_after=3).run(silent, None)
    assert len(found) == np.flatnonzero(SCORES >= 0.9)[2] + 1
    assert none.asked == []


@pytest.mark.parametrize("workers", [1, 4])
def test_a_cancelled_call_goes_on(workers: int, tmp_path: Path) -> None:
    score = Scoring()
    with pytest.raises(CancelledError, match=r"stopped after (\d+) of 200 markets; they are kept"):
        draws(tmp_path, score, workers=workers).run(silent, After(50))
    rest, said = Scoring(), []
    assert np.array_equal(draws(tmp_path, rest).run(said.append, None), SCORES)
    before = said[-1].before
    assert 0 < before <= 50
    assert sorted(rest.asked) == list(range(before, 200))
    assert (said[-1].done, said[-1].total) == (200, 200)


def test_a_token_that_is_set_stops_before_the_first(tmp_path: Path) -> None:
    token = threading.Event()
    token.set()
    with pytest.raises(CancelledError, match="stopped after 0 of 200"):
        draws(tmp_path, Scoring()).run(silent, token)


def test_an_error_is_raised_and_what_was_done_is_kept(tmp_path: Path) -> None:
    def failing(number: int, _watch: Callable[[int, int], bool]) -> float:
        if number == 40:
            raise BarsError("market 40 is bad")
        return float(SCORES[number])

    with pytest.raises(BarsError, match="market 40 is bad"):
        draws(tmp_path, failing).run(silent, None)
    rest = Scoring()
    assert np.array_equal(draws(tmp_path, rest).run(silent, None), SCORES)
    assert min(rest.asked) == 40


def test_a_cancelled_error_of_something_else_is_passed_on(tmp_path: Path) -> None:
    def odd(_number: int, _watch: Callable[[int, int], bool]) -> float:
        raise CancelledError("somebody else")

    with pytest.raises(CancelledError, match="somebody else"):
        draws(tmp_path, odd).run(silent, None)


def test_scores_are_kept_while_they_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece as soon as it is due: what a killed process has done is there."""
    monkeypatch.setattr(module, "_KEPT_SECONDS", 0.0)
    seen = []
    reader = Kept(warehouse=Warehouse(tmp_path), key="key")

    def look(number: int, _watch: Callable[[int, int], bool]) -> float:
        if number in (50, 150):
            seen.append(len(reader.scores(200)))
        return float(SCORES[number])

    draws(tmp_path, look, workers=1).run(silent, None)
    assert 40 < seen[0] <= 50
    assert 140 < seen[1] <= 150


def test_progress_never_falls_and_ends_at_the_end(tmp_path: Path) -> None:
    said: list[Progress] = []
    draws(tmp_path, Scoring()).run(said.append, None)
    done = [step.done for step in said]
    assert done == sorted(done)
    assert done[-1] == 200
