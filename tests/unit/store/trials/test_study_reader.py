"""Ranges, parameters and states of a study's trials; and what of pruned ones enters the spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import trials_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.store import Warehouse

    Fill = Callable[..., None]


def test_a_range_of_columns(warehouse: Warehouse, fill: Fill) -> None:
    fill(warehouse, [0, 1])
    found = warehouse.trial_columns("study", ["trial_index", "sharpe"], first=2, stop=5)
    assert found["trial_index"].tolist() == [2, 3, 4]
    assert found["sharpe"].tolist() == [2.0, 3.0, 4.0]
    rest = warehouse.trial_columns("study", ["trial_index"], first=6)
    assert rest["trial_index"].tolist() == [6, 7]
    assert len(warehouse.trial_columns("study", ["sharpe"], first=8)["sharpe"]) == 0


def test_a_range_of_parameters(warehouse: Warehouse, fill: Fill) -> None:
    fill(warehouse, [1, 0])
    found = warehouse.trial_params("study")
    assert list(found) == ["fast", "slow"]
    assert found["fast"].tolist() == [i + 0.5 for i in range(8)]
    assert found["slow"].tolist() == [-float(i) for i in range(8)]
    part = warehouse.trial_params("study", ["slow", "fast"], first=3, stop=5)
    assert {name: column.tolist() for name, column in part.items()} == {
        "slow": [-3.0, -4.0],
        "fast": [3.5, 4.5],
    }
    with pytest.raises(InputError, match=r"\['nope'\].*\['fast', 'slow'\]"):
        warehouse.trial_params("study", ["nope"])
    with pytest.raises(NotFoundError):
        warehouse.trial_params("other")


def test_a_range_of_blocks(warehouse: Warehouse, fill: Fill) -> None:
    fill(warehouse, [0, 1])
    found = warehouse.study_blocks("study", ["sum2"], first=3, stop=5)["sum2"]
    np.testing.assert_array_equal(
        found, [[1000 * i + 10 * b + 1 for b in range(17)] for i in (3, 4)]
    )


STATES = ["completed", "completed", "pruned", "failed"]
GROWTH = 1.21
"""Of every trial: over 4 years where it saw all bars, over 1 where it was pruned."""


@pytest.fixture
def pruned(warehouse: Warehouse, study: str) -> str:
    """Shard 0: ratios 0.1, 0.3 over all bars, 0.2 over a quarter of them; one failed."""
    metrics = {name: np.full(4, np.nan) for name in TRIAL_METRICS}
    metrics["sharpe_per_period"] = np.array([0.1, 0.3, 0.2, np.nan])
    metrics["total_return"] = np.full(4, GROWTH - 1)
    metrics["cagr"] = np.array([GROWTH**0.25 - 1, GROWTH**0.25 - 1, GROWTH - 1, np.nan])
    _commit(warehouse, study, metrics, STATES)
    return study


def _commit(
    warehouse: Warehouse, root: str, metrics: dict[str, np.ndarray], states: list[str]
) -> None:
    reservation = warehouse.reserve_shard("study", 0, 4, blocks=False)
    table = trials_table(
        study_id="study",
        first_index=0,
        keys=np.arange(64, dtype=np.uint8).reshape(4, 16),
        lineage_root=root,
        param_values=np.zeros((4, 2)),
        metrics=metrics,
        behaviour_hash=np.arange(4, dtype=np.uint64),
        states=states,
    )
    warehouse.commit_shard(reservation, table)


def test_states_as_text_and_as_a_mask(warehouse: Warehouse, pruned: str) -> None:
    found = warehouse.trial_columns("study", ["state", "completed"])
    assert found["state"].tolist() == STATES
    assert found["completed"].tolist() == [True, True, False, False]
    assert found["completed"].dtype == np.bool_


def test_a_pruned_ratio_enters_by_its_t_statistic(warehouse: Warehouse, pruned: str) -> None:
    """0.2 over a quarter of the returns is 0.2·√(1/4) = 0.1 over all of them."""
    together, each = warehouse.trial_sharpes(pruned)
    np.testing.assert_allclose(together, [0.1, 0.1, 0.3], rtol=1e-9)
    np.testing.assert_allclose(each, together)


def test_every_trial_counts_pruned_and_failed_ones_too(warehouse: Warehouse, pruned: str) -> None:
    assert warehouse.trial_count(pruned) == 4


@pytest.mark.parametrize("gain", [0.0, -1.0])
def test_where_the_length_is_not_known_the_ratio_enters_as_it_is(
    warehouse: Warehouse, study: str, gain: float
) -> None:
    metrics = {name: np.full(4, np.nan) for name in TRIAL_METRICS}
    metrics["sharpe_per_period"] = np.array([0.1, 0.3, 0.2, np.nan])
    metrics["total_return"] = np.array([GROWTH - 1, GROWTH - 1, gain, np.nan])
    metrics["cagr"] = np.array([GROWTH**0.25 - 1, GROWTH**0.25 - 1, gain, np.nan])
    _commit(warehouse, study, metrics, STATES)
    np.testing.assert_allclose(warehouse.trial_sharpes(study)[0], [0.1, 0.2, 0.3], rtol=1e-9)


def test_where_none_was_completed_nothing_is_scaled(warehouse: Warehouse, study: str) -> None:
    metrics = {name: np.full(4, 0.1) for name in TRIAL_METRICS}
    _commit(warehouse, study, metrics, ["pruned"] * 4)
    np.testing.assert_array_equal(warehouse.trial_sharpes(study)[0], [0.1] * 4)
