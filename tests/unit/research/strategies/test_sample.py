import numpy as np

from hyprl_lab.data import load_bars
from hyprl_lab.research.strategies.sample import sample_bars


def test_hours_have_the_prices_of_the_days():
    hours = sample_bars(intraday=True)
    assert sample_bars() is load_bars("TEST")
    assert hours.calendar == "24/7"
    np.testing.assert_array_equal(hours.close, load_bars("TEST").close)
    assert set(np.diff(hours.ts).tolist()) == {3_600_000_000}
