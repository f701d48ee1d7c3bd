"""What a missing value does: it ends a stretch, and spoils a window."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hyprl_lab.engine.reference_rolling import total
from hyprl_lab.engine.reference_stretches import each_stretch, each_window

NAN = math.nan


def test_a_stretch_knows_nothing_of_the_one_before() -> None:
    seen: list[list[float]] = []

    def work(values: list[float]) -> list[float]:
        seen.append(values)
        return [float(t) for t in range(len(values))]

    found = each_stretch(work, [NAN, 5.0, 6.0, NAN, NAN, 7.0])
    np.testing.assert_equal(found, [NAN, 0.0, 1.0, NAN, NAN, 0.0])
    assert seen == [[5.0, 6.0], [7.0]]


def test_a_stretch_ends_where_any_series_is_missing() -> None:
    left, right = [1.0, NAN, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, NAN, 5.0]
    found = each_stretch(lambda a, b: [x * y for x, y in zip(a, b, strict=True)], left, right)
    np.testing.assert_equal(found, [1.0, NAN, 9.0, NAN, 25.0])


def test_a_window_is_whole_or_missing() -> None:
    values = [1.0, 2.0, 3.0, NAN, 5.0, 6.0, 7.0]
    np.testing.assert_equal(each_window(total, values, 3), [NAN, NAN, 6.0, NAN, NAN, NAN, 18.0])
    np.testing.assert_equal(each_window(total, values, 1), values)


@pytest.mark.parametrize("values", [[], [NAN], [NAN, NAN]])
def test_nothing_comes_of_nothing(values: list[float]) -> None:
    np.testing.assert_equal(each_stretch(lambda stretch: stretch, values), values)
    np.testing.assert_equal(each_window(total, values, 1), values)
