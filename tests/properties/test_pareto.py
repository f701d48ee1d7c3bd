"""The Pareto front against the definition, each point compared with each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hyprl_lab.research.study import pareto

VALUES = st.one_of(
    st.integers(-2, 2).map(float),  # many ties
    st.floats(-1e3, 1e3),
    st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0]),
)
SCORES = st.tuples(st.integers(1, 5), st.integers(0, 40)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=VALUES)
)


def by_definition(scores: np.ndarray, left: list[int]) -> list[int]:
    """Those of `left` that no other of them equals everywhere and exceeds somewhere."""

    def dominates(a: int, b: int) -> bool:
        pairs = list(zip(scores[:, a].tolist(), scores[:, b].tolist(), strict=True))
        return all(x >= y for x, y in pairs) and any(x > y for x, y in pairs)

    return [b for b in left if not any(dominates(a, b) for a in left)]


@given(SCORES)
def test_ranks_are_those_of_the_definition(scores: np.ndarray) -> None:
    left = [place for place in range(scores.shape[1]) if not np.isnan(scores[:, place]).any()]
    expected = [-1] * scores.shape[1]
    rank = 0
    while left:
        front = by_definition(scores, left)
        for place in front:
            expected[place] = rank
        left = [place for place in left if place not in front]
        rank += 1
    assert pareto.pareto_ranks(scores).tolist() == expected
    assert pareto.pareto_front(scores).tolist() == [
        place for place, found in enumerate(expected) if found == 0
    ]


@pytest.mark.parametrize(("few", "pairs"), [(1, 1), (2, 4), (5, 16)])
@given(scores=SCORES)
def test_small_cuts_take_the_same_points(few: int, pairs: int, scores: np.ndarray) -> None:
    """The dividing itself, which forty points would not reach with cuts made for a million."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pareto, "_FEW", few)
        patch.setattr(pareto, "_PAIRS", pairs)
        found = pareto.pareto_front(scores).tolist()
    defined = [place for place in range(scores.shape[1]) if not np.isnan(scores[:, place]).any()]
    assert found == by_definition(scores, defined)


@given(SCORES, st.randoms(use_true_random=False))
def test_the_order_of_the_points_does_not_matter(scores: np.ndarray, chance: object) -> None:
    order = list(range(scores.shape[1]))
    chance.shuffle(order)  # type: ignore[attr-defined]
    found = pareto.pareto_ranks(scores[:, order])
    assert found.tolist() == pareto.pareto_ranks(scores)[order].tolist()
