"""Cutting: whatever chunks come, batches have one size and lose nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.errors import SpaceError
from hyprl_lab.research.space.cut import in_batches


@given(lengths=st.lists(st.integers(0, 9), max_size=8), size=st.integers(1, 12))
def test_batches_are_the_points_in_order(lengths: list[int], size: int) -> None:
    points = np.arange(2.0 * sum(lengths)).reshape(-1, 2)
    chunks = np.split(points, np.cumsum(lengths)[:-1]) if lengths else []
    batches = list(in_batches(chunks, size, 2))
    assert [batch.first for batch in batches] == list(range(0, len(points), size))
    assert all(len(batch.values) == size for batch in batches[:-1])
    found = [row for batch in batches for row in batch.values.tolist()]
    assert found == points.tolist()


@pytest.mark.parametrize("size", [0, -1, 2.0, True, None])
def test_a_size_that_is_none_is_refused_at_once(size: object) -> None:
    with pytest.raises(SpaceError, match="expected a whole number from 1"):
        in_batches([], size, 1)  # type: ignore[arg-type]
