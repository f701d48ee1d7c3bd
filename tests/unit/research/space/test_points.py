"""What a search asks of its points: grids and samples give it alike."""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.research.space import Batch, Points, points_of
from hyprl_lab.strategy.builtin import dual_sma


@pytest.mark.parametrize("sampler", ["grid", "random", "sobol", "latin_hypercube"])
def test_every_sampler_gives_the_same_batches_twice(sampler: str) -> None:
    space = {"slow": range(3, 101)}
    count = None if sampler == "grid" else 700
    points: Points = points_of(
        dual_sma(), space, "fast < slow", sampler=sampler, max_trials=count, seed=3
    )
    assert points.names == ["fast", "slow"]
    assert points.learns is False
    once, again = (list(points.batches(256)) for _ in range(2))
    assert [batch.first for batch in once] == list(range(0, points.size, 256))
    assert sum(len(batch.values) for batch in once) == points.size
    for one, two in zip(once, again, strict=True):
        np.testing.assert_array_equal(one.values, two.values)
    values = np.concatenate([batch.values for batch in once])
    assert (values[:, 0] < values[:, 1]).all()
    for at, name in enumerate(points.names):
        low, high = points.bounds[name]
        assert low <= values[:, at].min()
        assert values[:, at].max() <= high


def test_a_batch_can_not_be_changed() -> None:
    batch = Batch(0, np.ones((1, 1)))
    with pytest.raises(AttributeError):
        batch.first = 1  # type: ignore[misc]
