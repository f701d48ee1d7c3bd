"""What a search preset locks is checked when it is read, as far as that goes without bars."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.errors import InputError
from hyprl_lab.presets.search_locks import locks_of, same_lock, same_space
from hyprl_lab.strategy.builtin import dual_sma


def test_what_a_search_takes_is_locked() -> None:
    written: dict[str, Any] = {
        "space": {"fast": [5, 10], "execution.fee_bps": [0, 5]},
        "where": "fast < slow and execution.fee_bps >= 0",
        "holdout": 0,
        "sampler": "grid",
        "max_trials": None,
        "halving": {"factor": 2, "rungs": 1},
    }
    found = locks_of(written, dual_sma())
    assert found == {**written, "halving": hl.Halving(factor=2, rungs=1)}
    assert locks_of({"where": "any_name < 1"}, None) == {"where": "any_name < 1"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"holdout": 2}, "holdout is 2; expected a share from 0 to below 1"),
        ({"holdout": -1}, "holdout is -1"),
        ({"holdout": "0.2"}, "holdout is '0.2'"),
        ({"holdout": None}, "holdout is None"),
        ({"holdout": True}, "holdout is True"),
        ({"sampler": "gird"}, r"sampler is 'gird'; choose one of \['grid', .*'nsga2'\]"),
        ({"sampler": ["tpe"]}, "sampler is a list of 1"),
        ({"sampler": None}, "sampler is None"),
        ({"max_trials": -1}, "max_trials is -1; expected a whole number from 1"),
        ({"max_trials": "many"}, "max_trials is 'many'"),
        ({"max_trials": True}, "max_trials is True"),
        ({"max_trials": None, "sampler": "sobol"}, "'sobol'.*max_trials is not given"),
        ({"where": "fast <"}, "'fast <' does not parse"),
        ({"where": "\0"}, "does not parse"),
        ({"where": "fast"}, "is a number; expected a comparison"),
        ({"where": "1 < 2"}, "the same everywhere; expected names in it"),
        ({"where": None}, "where is None; expected text"),
        ({"space": {"fast": []}}, "space of 'fast'"),
        ({"space": {"fast": ["a"]}}, "space of 'fast': .*'a'"),
        ({"halving": {"factor": 3}}, r"halving misses \['rungs'\]"),
    ],
)
def test_what_could_be_of_no_search_is_refused(written: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        locks_of(written, None)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"space": {"nope": [1]}}, r"\['nope'\], which 'dual_sma' does not use"),
        ({"where": "nope < 1"}, "'nope', which is not known"),
        ({"space": {"fast": [5]}, "where": "fast < nope"}, "'nope', which is not known"),
    ],
)
def test_a_strategy_of_its_own_is_asked(written: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        locks_of(written, dual_sma())


@pytest.mark.parametrize(
    ("given", "locked", "same"),
    [
        (0.2, 0.2, True),
        (np.float64(0.2), 0.2, True),
        (0.1, 0.2, False),
        (np.array([0.2, 0.2]), 0.2, False),
        ("grid", "grid", True),
        ("sharpe", ["sharpe"], True),
        (("sharpe", "cagr"), ["cagr", "sharpe"], False),
        (None, None, True),
        (hl.Halving(), None, False),
        (hl.Halving(factor=2, rungs=1), hl.Halving(factor=2, rungs=1), True),
        (True, 1, False),
    ],
)
def test_who_repeats_a_lock(given: Any, locked: Any, same: bool) -> None:
    assert same_lock(given, locked) is same


def test_spaces_are_compared_axis_by_axis() -> None:
    locked = {"fast": range(5, 10), "slow": [20, 30]}
    assert same_space({"slow": [20, 30], "fast": range(5, 10)}, locked, dual_sma())
    assert not same_space({"fast": range(5, 10)}, locked, dual_sma())
    assert not same_space(5, locked, dual_sma())
