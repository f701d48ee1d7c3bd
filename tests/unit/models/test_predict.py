from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import AllIn, Execution
from hyprl_lab.errors import BarsError, ConfigError
from hyprl_lab.models import closed_bars, config_states, next_bar_frequencies, predict
from hyprl_lab.strategy import builtin

DAY = 86_400_000_000


@pytest.fixture
def config() -> dict[str, Any]:
    return {
        "symbol": "TEST",
        "timeframe": "1d",
        "strategy": builtin.dual_sma().to_json(),
        "params": {"fast": 5, "slow": 20},
        "risk": AllIn().to_json(),
        "execution": Execution().to_json(),
        "cash": 10_000.0,
    }


def test_the_last_bar_decides(config: dict[str, Any]) -> None:
    bars = load_bars("TEST")
    states = config_states(config, bars, engine="python").state
    names = {1: "LONG", 0: "FLAT"}
    for count in range(30, 500, 47):
        part = bars.take(0, count)
        found = predict(config, part, history=bars, oos_start_us=int(bars.ts[20]), engine="python")
        assert found.action == names[int(states[count - 1])]
        assert found.as_of_us == int(bars.ts[count - 1])
        assert found.bars == count


def test_frequencies_stop_at_the_bar_predicted_from(config: dict[str, Any]) -> None:
    bars = load_bars("TEST")
    since = int(bars.ts[100])
    part = bars.take(0, 300)
    found = predict(config, part, history=bars, oos_start_us=since, engine="python")
    alone = predict(config, part, history=part, oos_start_us=since, engine="python")
    states = config_states(config, part, engine="python").state
    counted = next_bar_frequencies(
        states, part.close, part.ts, since_us=since, until_us=int(part.ts[-1])
    )
    name = {1: "long", 0: "flat"}[int(states[-1])]
    assert found.frequency == alone.frequency == counted[name]
    assert found.reason is None


def test_what_gives_no_frequency(config: dict[str, Any]) -> None:
    bars = load_bars("TEST")
    late = int(bars.ts[-1]) + 1
    for options, reason in (
        ({"history": None, "oos_start_us": 0}, "not here"),
        ({"history": bars, "oos_start_us": None}, "every bar was seen"),
        ({"history": bars, "oos_start_us": late}, "never occurred"),
    ):
        found = predict(config, bars, engine="python", **options)  # type: ignore[arg-type]
        assert found.frequency is None
        assert found.reason is not None
        assert reason in found.reason


def test_faults_are_named(config: dict[str, Any]) -> None:
    bars = load_bars("TEST")
    nothing: dict[str, Any] = {"history": None, "oos_start_us": None, "engine": "python"}
    with pytest.raises(BarsError, match="20 bars are too few"):
        predict(config, bars.take(0, 20), **nothing)
    with pytest.raises(BarsError, match="made for 1h"):
        predict({**config, "timeframe": "1h"}, bars, **nothing)
    with pytest.raises(ConfigError, match="risk is NoneType"):
        predict({**config, "risk": None}, bars, **nothing)
    with pytest.raises(ConfigError, match="cash is str"):
        predict({**config, "cash": "10"}, bars, **nothing)


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
