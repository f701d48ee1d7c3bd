"""What became of a batch: pruned marks, and rows that take others' places."""

from __future__ import annotations

import numpy as np

from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research.search.evaluated import Evaluated


def evaluated(value: float, states: list[str], error: str | None = None) -> Evaluated:
    count = len(states)
    return Evaluated(
        np.full((len(TRIAL_METRICS), count), value),
        np.full(count, int(value), np.uint64),
        np.array(states),
        np.full((count, 17, 6), value),
        error,
    )


def test_the_kernels_arrays_become_states_and_blocks_only_where_wanted() -> None:
    found = {
        "values": np.arange(len(TRIAL_METRICS) * 2, dtype=np.float64).reshape(-1, 2),
        "behaviour_hash": np.array([7, 8], np.uint64),
        "failed": np.array([False, True]),
        "first_error": "window",
        "blocks": np.ones((2, 17, 6)),
    }
    with_blocks, without = (Evaluated.of(found, blocks=blocks) for blocks in (True, False))
    assert with_blocks.states.tolist() == ["completed", "failed"]
    assert with_blocks.blocks is not None
    assert without.blocks is None
    assert with_blocks.metrics[TRIAL_METRICS[1]].tolist() == [2.0, 3.0]


def test_what_failed_on_a_prefix_is_pruned_without_an_error() -> None:
    pruned = evaluated(1.0, ["completed", "failed"], "too long").pruned()
    assert pruned.states.tolist() == ["pruned", "pruned"]
    assert pruned.first_error is None


def test_rows_take_the_places_of_others_and_leave_the_rest() -> None:
    before = evaluated(1.0, ["pruned"] * 3)
    after = before.with_rows(np.array([0, 2]), evaluated(5.0, ["completed", "failed"], "why"))
    assert after.states.tolist() == ["completed", "pruned", "failed"]
    assert after.metrics["sharpe"].tolist() == [5.0, 1.0, 5.0]
    assert after.behaviour_hash.tolist() == [5, 1, 5]
    assert after.blocks is not None
    assert after.blocks[:, 0, 0].tolist() == [5.0, 1.0, 5.0]
    assert after.first_error == "why"
    assert before.states.tolist() == ["pruned"] * 3  # nothing is changed in place
    assert before.metrics["sharpe"].tolist() == [1.0] * 3
