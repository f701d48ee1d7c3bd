"""The front and the ranks: worked-out cases, ties, missing values, large sets."""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.study.pareto import pareto_front, pareto_ranks

NAN = np.nan


@pytest.mark.parametrize(
    ("scores", "front"),
    [
        ([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]], [0, 1, 2]),
        ([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], [2]),
        ([[5.0, 5.0, 5.0], [1.0, 3.0, 2.0]], [1]),  # a tie in one, decided by the other
        ([[5.0, 4.0, 5.0], [1.0, 1.0, 1.0]], [0, 2]),  # equal ones together
        ([[1.0, NAN, 3.0], [NAN, 9.0, 0.0]], [2]),
        ([[NAN, NAN], [1.0, 2.0]], []),
        ([[2.0, 7.0, 7.0, NAN]], [1, 2]),
        ([[0.0, -0.0], [1.0, 1.0]], [0, 1]),
        ([[1.0, 0.0, 0.0, 0.5], [0.0, 1.0, 0.0, 0.5], [0.0, 0.0, 1.0, -1.0]], [0, 1, 2, 3]),
        (
            [[1.0, 0.0, 0.0, 0.5], [0.0, 1.0, 0.0, 0.5], [0.0, 0.0, 1.0, 0.0], [9, 0, 0, 0]],
            [0, 1, 2, 3],
        ),
        ([[1.0, 1.0], [1.0, 1.0], [1.0, 0.5]], [0]),
        ([[-np.inf, 0.0], [np.inf, 0.0]], [0, 1]),
        ([[], []], []),
    ],
)
def test_the_front(scores: list[list[float]], front: list[int]) -> None:
    assert pareto_front(np.array(scores, dtype=np.float64)).tolist() == front


def test_ranks_count_the_fronts_that_were_taken_away() -> None:
    #             a    b    c    d    e    f
    scores = [[3.0, 1.0, 2.0, 0.0, NAN, 2.0], [1.0, 3.0, 0.5, 0.0, 9.0, 0.5]]
    # a and b face each other; c = f lie under a alone; d under c.
    assert pareto_ranks(np.array(scores)).tolist() == [0, 0, 1, 2, -1, 1]


def test_ranks_stop_once_enough_are_ranked() -> None:
    scores = np.array([[3.0, 1.0, 2.0, 0.0], [1.0, 3.0, 0.5, 0.0]])
    assert pareto_ranks(scores, enough=2).tolist() == [0, 0, -1, -1]
    assert pareto_ranks(scores, enough=3).tolist() == [0, 0, 1, -1]
    assert pareto_ranks(scores, enough=0).tolist() == [-1, -1, -1, -1]


@pytest.mark.parametrize("objectives", [2, 3, 4])
def test_a_sphere_is_all_front(objectives: int) -> None:
    """No point of the positive unit sphere dominates another, and each dominates one inside."""
    points = np.abs(np.random.default_rng(7).normal(size=(objectives, 20_000)))
    points /= np.sqrt((points**2).sum(axis=0))
    inside = points * 0.99
    both = np.concatenate([inside, points, points[:, :10]], axis=1)
    # A point is under the shell point it was shrunk from, so the shell alone is left, twins too.
    assert pareto_front(both).tolist() == list(range(20_000, 40_010))


def test_a_staircase_is_found_among_a_million_points() -> None:
    """Points under a line that are no corner lie below a corner by construction."""
    generator = np.random.default_rng(1)
    corners = np.arange(1000, dtype=np.float64)
    stairs = np.stack([corners, 999.0 - corners])
    below = generator.integers(0, 1000, 999_000)
    under = stairs[:, below] - generator.uniform(0.001, 5.0, (2, 999_000))
    scores = np.concatenate([under, stairs], axis=1)
    order = generator.permutation(1_000_000)
    front = pareto_front(scores[:, order])
    assert sorted(order[front].tolist()) == list(range(999_000, 1_000_000))


@pytest.mark.parametrize("shape", [(3,), (0, 4), (2, 2, 2)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="expected \\(objectives, points\\)"):
        pareto_front(np.zeros(shape))
