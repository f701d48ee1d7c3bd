"""What is given as a space: names, own ranges, whole numbers, and every bad input."""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.engine.config import AllIn, Execution, FixedFraction, Risk, VolatilityTarget
from hyprl_lab.errors import ConfigError, SpaceError, StrategyError
from hyprl_lab.research.space import Choice, Ints, choice, floats, ints, points_of, read_space
from hyprl_lab.strategy import Strategy, close, param, ta
from hyprl_lab.strategy.builtin import dual_sma

PLAIN = Strategy("plain", long_entry=close > ta.sma(close, 5))
QUANTILE = Strategy("q", long_entry=close > ta.quantile(close, 9, param("share")))
TURN = Strategy("turn", long_entry=close > param("turn", 1, 9))
RATIO = Strategy("ratio", long_entry=close > close.shift(1) * param("ratio"))


def test_what_is_left_out_takes_its_own_range() -> None:
    found = read_space(dual_sma(), {"slow": [50, 20]})
    assert list(found.axes) == ["slow", "fast"]
    assert found.names == ["fast", "slow"]
    assert found.axes["fast"] == ints(2, 100)
    assert found.axes["slow"] == choice([50, 20])
    assert found.points == 198
    assert found.ends == {"fast": (2.0, 100.0), "slow": (20.0, 50.0)}


def test_ranges_are_whole_numbers_and_arrays_are_lists() -> None:
    found = read_space(dual_sma(), {"fast": range(5, 12, 3), "slow": np.array([20, 30])})
    assert found.axes["fast"] == Ints(low=5, high=11, step=3)
    assert found.axes["slow"] == Choice(numbers=(20.0, 30.0))
    down = read_space(dual_sma(), {"fast": range(9, 5, -1)}).axes["fast"]
    assert down.values.tolist() == [9, 8, 7, 6]


def test_a_strategy_without_parameters_may_vary_settings() -> None:
    found = read_space(PLAIN, {"execution.fee_bps": [0, 5]})
    assert found.names == ["execution.fee_bps"]
    with pytest.raises(SpaceError, match=r"'plain' has no parameters; run hl\.backtest"):
        read_space(PLAIN, None)


def test_there_is_no_end_of_points_where_an_axis_has_none() -> None:
    assert read_space(RATIO, {"ratio": floats(0.9, 1.1)}).points is None


def test_what_holds_otherwise_is_among_the_ends() -> None:
    found = read_space(dual_sma(), {"fast": ints(5, 9, when="slow > 50", otherwise=2)})
    assert found.ends["fast"] == (2.0, 9.0)


def test_an_end_that_the_steps_do_not_reach_is_none() -> None:
    steps = {"risk.fraction": floats(0.3, 1.05, step=0.1)}  # 1.05 would be above the leverage
    found = points_of(dual_sma(), {"fast": [5], "slow": [9], **steps}, risk=FixedFraction(0.5))
    assert found.bounds["risk.fraction"] == (0.3, 1.0)


@pytest.mark.parametrize(
    ("space", "where", "parts"),
    [
        ([1, 2], None, ["space is a list of 2", "{'fast': range(5, 50)"]),
        ("fast", None, ["space is 'fast'", "expected values by each parameter's name"]),
        ({"fsat": [5]}, None, ["['fsat']", "did you mean 'fast'?", "['fast', 'slow']"]),
        ({5: [5]}, None, ["space names [5]", "['fast', 'slow']"]),
        ({"fast.x": [5]}, None, ["'fast.x'", "settings are written 'risk.fraction'"]),
        ({"fast": None}, None, ["space of 'fast' is None", "hl.floats, hl.ints, hl.choice"]),
        ({"fast": [2.5, 3]}, None, ["space of 'fast' is a window, and holds 2.5"]),
        ({"fast": [-1, 3]}, None, ["is a window, and holds -1; expected whole numbers from 1"]),
        ({"fast": ints(0, 9)}, None, ["is a window, and holds 0"]),
        ({"fast": floats(2, 9, step=0.5)}, None, ["is a window, and holds 2.5"]),
        ({"fast": floats(1.5, 9)}, None, ["any number between", "as of hl.ints(2, 9)"]),
        (
            {"fast": ints(5, 9, when="slow > 20", otherwise=0.5)},
            None,
            ["space of 'fast' is a window, and holds 0.5"],
        ),
        ({"execution.fee": [5]}, None, ["did you mean 'execution.fee_bps'?"]),
        ({"execution.fill": [5]}, None, ["which is no number"]),
        ({"execution.at_end": ["mark"]}, None, ["which is no number; give it once, as in"]),
        ({}, "sharpe > 1", ["'sharpe', which is not known", "a metric belongs into constraints="]),
        ({"risk.fraction": [0.5]}, None, ["AllIn has no settings", "hl.FixedFraction(0.5)"]),
        ({"execution.lots": [1, 1.5]}, None, ["is a whole number, and holds 1.5"]),
        ({"execution.lots": floats(1, 5)}, None, ["'execution.lots' is a whole number, and hl"]),
        ({}, "fast <", ["does not parse"]),
        ({}, "fast", ["is a number; expected a comparison"]),
        ({}, "fast < slow and", ["does not parse"]),
        ({}, "fsat < slow", ["did you mean 'fast'?", "there are ['fast', 'slow']"]),
        ({}, "execution.fee_bps < 5", ["'execution.fee_bps', which is not known"]),
        ({}, 5, ["expression 5; expected text"]),
        ({"fast": ints(5, 9, when="fast > 6")}, None, ["space of 'fast', when:", "not known"]),
    ],
)
def test_bad_spaces(space: object, where: object, parts: list[str]) -> None:
    with pytest.raises(SpaceError) as caught:
        read_space(dual_sma(), space, where)  # type: ignore[arg-type]
    for part in parts:
        assert part in str(caught.value)


def test_a_whole_parameter_that_is_no_window() -> None:
    with pytest.raises(SpaceError, match=r"'turn' is a whole number, and holds 1\.5"):
        read_space(TURN, {"turn": [1.5]})


def test_a_parameter_without_a_range_has_to_be_said() -> None:
    with pytest.raises(SpaceError, match=r"says nothing of 'ratio'.*hl\.floats\(low, high"):
        read_space(RATIO, {})


def test_bounds_are_those_of_the_range_and_of_the_node() -> None:
    read_space(QUANTILE, {"share": [0, 1]}).check_bounds({"share": (0.0, 1.0)})
    with pytest.raises(SpaceError, match=r"space of 'share': .*expected a number from 0 to 1"):
        read_space(QUANTILE, {"share": [2]}).check_bounds({"share": (0.0, 2.0)})
    with pytest.raises(SpaceError, match=r"space of 'turn': .*'turn' is 10; expected 1 to 9"):
        read_space(TURN, {"turn": [10]}).check_bounds({"turn": (10.0, 10.0)})


def test_settings_of_the_wrong_type() -> None:
    with pytest.raises(ConfigError, match="risk is 5; expected one of"):
        read_space(PLAIN, {"risk.fraction": [1]}, risk=5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "values", "risk"),
    [
        ("risk.fraction", [0.5, 1], FixedFraction(1)),
        ("risk.window", ints(10, 50), VolatilityTarget(0.1, 20)),
        ("risk.annual", floats(0.1, 0.3), VolatilityTarget(0.1, 20)),
        ("execution.participation_rate", floats(0.01, 1, log=True), AllIn()),
        ("execution.lots", range(1, 5), AllIn()),
        ("execution.lot_size", [0.5, 1], AllIn()),
    ],
)
def test_settings_that_are_searched(name: str, values: object, risk: Risk) -> None:
    found = read_space(dual_sma(), {name: values}, risk=risk)  # type: ignore[dict-item]
    assert name in found.names
    assert found.execution == Execution()


def test_a_risk_model_that_lots_leave_unused_is_not_varied() -> None:
    given = {"risk": FixedFraction(1)}
    for space, execution in (
        ({"risk.fraction": [0.5, 1], "execution.lots": [1, 2]}, Execution()),
        ({"risk.fraction": floats(0.5, 1)}, Execution(lots=2)),
    ):
        with pytest.raises(
            SpaceError, match=r"varies \['risk.fraction'\], and execution.lots says"
        ):
            read_space(dual_sma(), space, execution=execution, **given)  # type: ignore[arg-type]
    one = {"risk.fraction": [0.5], "execution.lots": [1, 2]}
    assert read_space(dual_sma(), one, risk=FixedFraction(1)).names[0] == "execution.lots"


def test_what_is_no_strategy() -> None:
    with pytest.raises(StrategyError, match=r"expected an hl\.Strategy"):
        read_space("dual_sma", {})  # type: ignore[arg-type]
