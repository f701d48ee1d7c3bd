from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine.signals import signals_name
from hyprl_lab.errors import InputError
from hyprl_lab.research.null.given import asked_of, checked_study, obstacle
from hyprl_lab.research.study import Study
from hyprl_lab.strategy import Strategy, col, param

Searching: TypeAlias = Callable[..., Study]


def test_a_complete_study_is_taken(search: Searching) -> None:
    study = search()
    assert checked_study(study) is study
    assert obstacle(study) is None


def test_what_is_no_study_is_refused(search: Searching) -> None:
    bars = load_bars("TEST")
    group = search([bars.take(0, 250), bars.take(250, 500)])
    with pytest.raises(InputError, match=r"a group of 2 studies; expected one of them"):
        checked_study(group)
    with pytest.raises(InputError, match=r"found 7; expected what hl\.supersearch returned"):
        checked_study(7)


def test_a_part_of_a_search_is_refused(search: Searching) -> None:
    token = threading.Event()
    token.set()
    study = search(cancel=token)
    with pytest.raises(InputError, match="the study has 0 of 9 trials; run the same search again"):
        checked_study(study)


def test_signals_of_the_real_bars_are_refused(search: Searching) -> None:
    bars = load_bars("TEST")
    signals = {"long_entry": np.arange(500) % 9 == 0, "long_exit": np.arange(500) % 9 == 4}
    numbers = {side: where.astype(np.float64) for side, where in signals.items()}
    columns = {f"{signals_name(numbers)}_{side}": values for side, values in numbers.items()}
    given = Bars.from_arrays(
        bars.ts,
        {**bars.columns, **columns},
        symbol=bars.symbol,
        timeframe=bars.timeframe,
        calendar=bars.calendar,
    )
    level = param("level", 0.1, 0.9)
    entry, leave = (col(name) > level for name in columns)
    strategy = Strategy("made", long_entry=entry, long_exit=leave)
    study = search(given, strategy=strategy, space={"level": [0.3, 0.5]}, holdout=0.0)
    assert study.best is not None
    with pytest.raises(InputError, match="reads signals that a class made of the real bars"):
        checked_study(study)


def test_the_search_is_asked_as_the_study_was(search: Searching) -> None:
    study = search(sampler="random", max_trials=6, seed=4, objective="total_return")
    asked = asked_of(study)
    assert (asked.sampler, asked.max_trials, asked.seed) == ("random", 6, 4)
    assert (asked.objective, asked.constraints) == ("total_return", ("trades >= 5",))
    assert (asked.holdout, asked.ledger) == (0.0, "summary")
    assert asked_of(study, seed=9).seed == 9
