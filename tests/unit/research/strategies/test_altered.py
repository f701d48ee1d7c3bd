import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.research.strategies.altered import altered

BARS = load_bars("TEST")


@pytest.mark.parametrize("rising", [True, False])
def test_rows_before_stay_and_those_after_are_others(rising):
    other = altered(BARS, 300, rising=rising)
    np.testing.assert_array_equal(other.ts, BARS.ts)
    for name, values in BARS.columns.items():
        np.testing.assert_array_equal(other.columns[name][:300], values[:300])
    factors = other.close[300:] / BARS.close[300:]
    assert ((factors > 1) == rising).all()
    assert np.unique(factors.round(6)).size > 150


def test_flags_and_missing_values_stay():
    flags = np.where(np.arange(500) % 3 == 0, np.nan, np.arange(500) % 2)
    bars = Bars("TEST", "1d", "XNYS", BARS.ts, {**BARS.columns, "flag": flags, "twice": flags * 2})
    other = altered(bars, 0, rising=True)
    np.testing.assert_array_equal(other.columns["flag"], flags)
    np.testing.assert_array_equal(np.isnan(other.columns["twice"]), np.isnan(flags))
    assert np.nanmax(other.columns["twice"]) > 2
