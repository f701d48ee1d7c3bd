import numpy as np

from hyprl_lab.strategy import close, col
from hyprl_lab.strategy.ta.near import nearly_equal


def test_rounding_is_no_difference(on_few):
    one = 100.0
    others = [one, np.nextafter(one, 200), one + 1e-12, one + 3e-12, 0.0]
    found = on_few(nearly_equal(close, col("other")), [one] * 5, other=others)
    assert found == [1, 1, 1, 0, 0]
    assert on_few(nearly_equal(close, col("other")), [0.0, 0.0], other=[0.0, 1e-300]) == [1, 0]
