from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.arrays import panel, series


def test_lists_series_and_frames_become_float64() -> None:
    assert series("returns", pd.Series([1, 2]), least=2).dtype == np.float64
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    np.testing.assert_array_equal(panel("returns", frame, least=2), [[1.0, 3.0], [2.0, 4.0]])
    np.testing.assert_array_equal(panel("returns", [1.0, 2.0], least=2), [[1.0], [2.0]])


@pytest.mark.parametrize("hole", [float("nan"), float("inf"), -float("inf")])
def test_the_place_of_a_hole_is_named(hole: float) -> None:
    with pytest.raises(InputError, match=rf"returns\[1\] is {hole}; expected finite"):
        series("returns", [0.1, hole, 0.2], least=1)
    with pytest.raises(InputError, match=rf"models\[1, 0\] is {hole}; expected finite"):
        panel("models", [[0.1, 0.2], [hole, 0.3]], least=1)


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(InputError, match=r"shape \(1, 2\); expected one dimension"):
        series("returns", [[0.1, 0.2]], least=1)
    with pytest.raises(InputError, match="has 1 values; expected at least 2"):
        series("returns", [0.1], least=2)
    with pytest.raises(InputError, match="at least one model"):
        panel("returns", np.empty((5, 0)), least=1)
    with pytest.raises(InputError, match="at least one model"):
        panel("returns", np.zeros((2, 2, 2)), least=1)
    with pytest.raises(InputError, match="has 2 rows; expected at least 3"):
        panel("returns", np.zeros((2, 2)), least=3)


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match="not an array of numbers"):
        series("returns", ["one", "two"], least=1)
    with pytest.raises(InputError, match="not an array of numbers"):
        panel("returns", [[0.1, 0.2], [0.3]], least=1)
