import numpy as np
import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.engine.features import feature_values
from hyprl_lab.errors import BarsError, ConfigError, StrategyError
from hyprl_lab.research.strategies.sample import sample_bars
from hyprl_lab.strategy import bar_of_session, close, col, minute_of_day, on, param, ta
from hyprl_lab.strategy.features import Features

OPEN = col("open")

MANY = {
    "two": 2,
    "column": close,
    "mean": ta.sma(close, param("n", 2, 300)),
    "bands": ta.bbands(close, 20, param("k")).upper,
    "up": close > OPEN,
    "since": (close > 105).bars_since(),
    "held": (close > ta.sma(close, 5)).held_for(3),
    "minute": minute_of_day,
    "first": bar_of_session == 0,
    "daily": on("1d", ta.ema(close, 3)),
    "slow": on("4h", close > ta.sma(close, 3)),
    "vwap": ta.session_vwap(),
}


def test_both_engines_give_the_same():
    features = Features(MANY)
    bound = features.bind({"n": 30, "k": 2})
    native, twin = (
        feature_values(sample_bars(intraday=True), features, bound, engine)
        for engine in ("native", "python")
    )
    assert list(native) == list(twin) == list(MANY)
    for name, values in native.items():
        assert values.shape == (500,)
        np.testing.assert_allclose(values, twin[name], rtol=1e-10, atol=0, err_msg=name)


@pytest.mark.parametrize("engine", ["native", "python"])
def test_values(engine):
    bars = load_bars("TEST")
    found = feature_values(bars, Features({"two": 2, "up": close > OPEN}), {}, engine)
    np.testing.assert_array_equal(found["two"], np.full(500, 2.0))
    np.testing.assert_array_equal(found["up"], (bars.close > bars.open).astype(float))


@pytest.mark.parametrize("engine", ["native", "python"])
def test_what_the_bars_lack(engine):
    bars = load_bars("TEST")
    with pytest.raises(BarsError, match=r"\(column\) reads 'nowhere'; the bars have"):
        feature_values(bars, Features({"x": col("nowhere")}), {}, engine)
    with pytest.raises(StrategyError, match="501"):
        feature_values(bars, Features({"x": ta.sma(close, 501)}), {}, engine)
    with pytest.raises(BarsError):
        feature_values(bars, Features({"x": on("1h", close)}), {}, engine)


def test_an_unknown_engine():
    with pytest.raises(ConfigError, match="engine is 'gpu'"):
        feature_values(load_bars("TEST"), Features({"x": close}), {}, "gpu")  # type: ignore[arg-type]
