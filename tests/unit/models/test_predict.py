from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import AllIn, Execution, VolatilityTarget
from hyprl_lab.errors import BarsError, ConfigError
from hyprl_lab.models import Frequency, closed_bars, config_states, nothing_to_count, predict
from hyprl_lab.strategy import builtin

DAY = 86_400_000_000


@pytest.fixture
def config() -> dict[str, Any]:
    return {
        "symbol": "TEST",
        "timeframe": "1d",
        "dataset": None,
        "strategy": builtin.dual_sma().to_json(),
        "params": {"fast": 5, "slow": 20},
        "risk": AllIn().to_json(),
        "execution": Execution().to_json(),
        "cash": 10_000.0,
    }


def judged(bars: Bars, row: int) -> dict[str, Any]:
    """Return evidence of a gate that saw the bars before a row."""
    return {
        "oos_start": int(bars.ts[row]),
        "run": {"fingerprint": bars.take(0, row).fingerprint},
    }


def test_the_last_bar_decides(config: dict[str, Any]) -> None:
    bars = load_bars("TEST")
    states = config_states(config, bars, engine="python").state
    names = {1: "LONG", 0: "FLAT"}
    for count in range(30, 500, 47):
        found = predict(config, judged(bars, 20), bars.take(0, count), engine="python")
        assert found.action == names[int(states[count - 1])]
        assert found.as_of_us == int(bars.ts[count - 1])
        assert found.bars == count


def test_frequencies_stop_at_the_bar_predicted_from(config: dict[str, Any]) -> None:
    bars = load_bars("TEST")
    part = bars.take(0, 300)
    found = predict(config, judged(bars, 100), part, engine="python")
    states = config_states(config, part, engine="python").state
    ups = downs = 0
    for t in range(100, 299):
        if states[t] == states[299]:
            ups += part.close[t + 1] > part.close[t]
            downs += part.close[t + 1] < part.close[t]
    assert found.frequency == Frequency(ups=int(ups), downs=int(downs))
    assert found.frequency.n > 20
    assert found.reason is None
    assert predict(config, judged(bars, 100), part).frequency == found.frequency  # native


def test_what_gives_no_frequency(config: dict[str, Any]) -> None:
    bars = load_bars("TEST")
    seen = {**judged(bars, 100), "oos_start": None}
    other = Bars("OTHER", "1d", bars.calendar, bars.ts, bars.columns)
    for given, evidence, reason in (
        (bars, seen, "every bar was seen"),
        (bars, {**seen, "oos_reason": "nothing was held out"}, "nothing was held out"),
        (bars, judged(bars, 499), "never occurred"),
        (other, judged(bars, 100), "chosen on TEST 1d, and these bars are OTHER 1d"),
        (bars.take(1, 500), judged(bars, 100), "do not begin with those of TEST 1d"),
        (bars.take(0, 99), judged(bars, 100), "do not begin with those of TEST 1d"),
    ):
        found = predict(config, evidence, given, engine="python")
        assert found.frequency is None
        assert found.reason is not None
        assert reason in found.reason
        assert found.action in {"LONG", "FLAT"}


def test_bars_without_extra_columns_are_known_by_their_prices(config: dict[str, Any]) -> None:
    bars = load_bars("TEST")
    prices = {name: bars.columns[name] for name in ("open", "high", "low", "close")}
    bare = Bars("TEST", "1d", bars.calendar, bars.ts, prices)
    evidence = judged(bars, 100)
    assert nothing_to_count({**config, "dataset": None}, evidence, bare) is not None
    assert nothing_to_count({**config, "dataset": "TEST"}, evidence, bare) is None
    changed = {**prices, "close": prices["close"].copy()}
    changed["close"][7] = (prices["high"][7] + prices["low"][7]) / 2
    moved = Bars("TEST", "1d", bars.calendar, bars.ts, changed)
    assert nothing_to_count({**config, "dataset": "TEST"}, evidence, moved) is not None


def test_volatility_is_annualised_by_the_periods_of_the_config(config: dict[str, Any]) -> None:
    """A tenth of equity buys no unit of its price: the more periods, the less is put in."""
    bars = load_bars("TEST")
    sized = {
        **config,
        "risk": VolatilityTarget(0.15, 20).to_json(),
        "execution": Execution(whole_units=True).to_json(),
        "cash": float(3 * bars.close.max()),
    }
    default = config_states(sized, bars, engine="python").state
    assert 1 in default
    for periods, wanted in ((bars.periods_per_year, default), (1e6, np.zeros_like(default))):
        states = config_states({**sized, "periods_per_year": periods}, bars, engine="python")
        assert states.state.tolist() == wanted.tolist()
    found = predict({**sized, "periods_per_year": 1e6}, judged(bars, 20), bars, engine="python")
    assert found.action == "FLAT"


def test_faults_are_named(config: dict[str, Any]) -> None:
    bars = load_bars("TEST")
    evidence = judged(bars, 15)
    with pytest.raises(BarsError, match="20 bars are too few"):
        predict(config, evidence, bars.take(0, 20), engine="python")
    with pytest.raises(BarsError, match="made for 1h"):
        predict({**config, "timeframe": "1h"}, evidence, bars, engine="python")
    with pytest.raises(ConfigError, match="risk is NoneType"):
        predict({**config, "risk": None}, evidence, bars, engine="python")
    with pytest.raises(ConfigError, match="cash is str"):
        predict({**config, "cash": "10"}, evidence, bars, engine="python")
    for periods, words in (
        ("252", "is str"),
        (True, "is bool"),
        (0.0, "expected periods_per_year > 0"),
    ):
        with pytest.raises(ConfigError, match=f"periods_per_year {words}|{words}"):
            predict({**config, "periods_per_year": periods}, evidence, bars, engine="python")


def test_closed_bars_by_the_clock() -> None:
    prices = np.full(3, 10.0)
    bars = Bars(
        "X",
        "1d",
        "24/7",
        np.arange(3) * DAY,
        dict.fromkeys(("open", "high", "low", "close"), prices),
    )
    assert len(closed_bars(bars, now_us=3 * DAY)) == 3
    assert len(closed_bars(bars, now_us=3 * DAY - 1)) == 2
    assert len(closed_bars(bars, now_us=2 * DAY)) == 2
    with pytest.raises(BarsError, match="future"):
        closed_bars(bars, now_us=2 * DAY - 1)
    with pytest.raises(BarsError, match="not closed"):
        closed_bars(bars.take(0, 1), now_us=DAY - 1)


@pytest.mark.parametrize(
    ("timeframe", "opened", "closes"),
    [
        ("1mo", "2023-01-01", "2023-02-01"),
        ("1mo", "2023-02-01", "2023-03-01"),
        ("1mo", "2024-02-01T05:30", "2024-03-01T05:30"),
        ("1mo", "2023-12-01", "2024-01-01"),
        ("1mo", "2023-01-31", "2023-02-28"),
        ("1mo", "2024-01-30T14:30", "2024-02-29T14:30"),
        ("3mo", "2023-11-30", "2024-02-29"),
        ("12mo", "2024-02-29", "2025-02-28"),
        ("1w", "2023-02-27", "2023-03-06"),
    ],
)
def test_a_month_is_a_month_of_the_calendar(timeframe: str, opened: str, closes: str) -> None:
    before, last = (np.datetime64(text, "us").astype(np.int64) for text in ("2020-01-01", opened))
    prices = dict.fromkeys(("open", "high", "low", "close"), np.full(2, 10.0))
    bars = Bars("X", timeframe, "24/7", np.array([before, last]), prices)
    now = int(np.datetime64(closes, "us").astype(np.int64))
    assert len(closed_bars(bars, now_us=now)) == 2
    assert len(closed_bars(bars, now_us=now - 1)) == 1
