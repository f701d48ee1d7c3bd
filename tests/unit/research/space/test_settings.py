"""Settings as axes: which there are, what is taken apart, what can't be."""

from __future__ import annotations

import dataclasses
import typing

import numpy as np
import pytest

from hyprl_lab.engine.config import (
    AllIn,
    Execution,
    FixedFraction,
    FixedUnits,
    KellyFraction,
    Risk,
    RiskPct,
    VolatilityTarget,
)
from hyprl_lab.errors import ConfigError, SpaceError
from hyprl_lab.research.space import is_setting, setting_corners, settings_at, split_settings
from hyprl_lab.research.space.settings import check_settings, setting_names, whole_setting
from hyprl_lab.strategy.builtin import dual_sma


def test_every_number_of_execution_is_a_setting() -> None:
    hints = typing.get_type_hints(Execution)
    numbers = {
        item.name
        for item in dataclasses.fields(Execution)
        if {float, int} & {hints[item.name], *typing.get_args(hints[item.name])}
    }
    assert {f"execution.{name}" for name in numbers} == set(setting_names(AllIn(), Execution()))


@pytest.mark.parametrize(
    ("risk", "there"),
    [
        (AllIn(), []),
        (FixedFraction(0.5), ["fraction"]),
        (FixedUnits(5), ["units"]),
        (RiskPct(0.02), ["risk_pct"]),
        (VolatilityTarget(0.1, 20), ["annual", "window"]),
        (KellyFraction(0.5, 50, 0.1), ["fallback", "fraction", "window"]),
    ],
)
def test_every_number_of_a_risk_model_is_a_setting(risk: Risk, there: list[str]) -> None:
    names = setting_names(risk, Execution())
    assert [name for name in names if name.startswith("risk.")] == [f"risk.{n}" for n in there]
    assert all(is_setting(name) for name in names)


def test_names_of_parameters_are_no_settings() -> None:
    assert not any(is_setting(name) for name in ("risk", "execution", "fast", "other.x", 5))


def test_whole_settings() -> None:
    assert whole_setting("execution.lots", AllIn(), Execution())
    assert whole_setting("risk.window", VolatilityTarget(0.1, 20), Execution())
    assert not whole_setting("execution.lot_size", AllIn(), Execution())
    assert whole_setting("execution.lot_size", AllIn(), Execution(whole_units=True))


@pytest.mark.parametrize(
    ("name", "risk", "said"),
    [
        ("execution.fee", AllIn(), "did you mean 'execution.fee_bps'?"),
        ("execution.fee", AllIn(), "neither AllIn nor Execution has; "),
        ("execution.fill", AllIn(), "which is no number; give it once, as in hl.Execution(fill="),
        ("execution.daily_target", AllIn(), "which is no number"),
        ("execution.whole_units", AllIn(), "which is no number"),
        ("risk.fraction", AllIn(), "AllIn has no settings; give the search a risk that has"),
        ("risk.fraction", FixedUnits(5), "'risk.units']"),
        ("risk.model", FixedUnits(5), "neither FixedUnits nor Execution has"),
    ],
)
def test_what_is_no_setting(name: str, risk: Risk, said: str) -> None:
    for call in (
        lambda: whole_setting(name, risk, Execution()),
        lambda: settings_at({name: 1.0}, risk, Execution()),
        lambda: split_settings([name], np.ones((1, 1)), risk, Execution()),
    ):
        with pytest.raises(SpaceError) as caught:
            call()
        assert said in str(caught.value)


def test_settings_of_the_wrong_type_are_settings_errors() -> None:
    with pytest.raises(ConfigError, match=r"risk is 0\.5; expected one of hl\.AllIn"):
        setting_names(0.5, Execution())  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match=r"execution is None; expected hl\.Execution"):
        setting_names(AllIn(), None)  # type: ignore[arg-type]


def test_points_are_taken_apart() -> None:
    names = ["execution.fee_bps", "execution.lots", "fast", "risk.fraction", "slow"]
    values = np.array(
        [
            [5.0, 2.0, 10.0, 0.5, 50.0],
            [0.0, 3.0, 11.0, 0.5, 51.0],
            [5.0, 2.0, 12.0, 0.25, 52.0],
            [0.0, 3.0, 13.0, 0.5, 53.0],
        ]
    )
    kept = Execution(slippage_bps=7, intraday=True)
    found = split_settings(names, values, FixedFraction(1), kept)
    assert found.params.tolist() == [[10, 50], [11, 51], [12, 52], [13, 53]]
    assert found.params.flags.c_contiguous
    assert found.index.dtype == np.uint32
    # by hand: ascending by fee, then lots, then fraction
    assert found.pairs == [
        (FixedFraction(0.5), dataclasses.replace(kept, fee_bps=0, lots=3)),
        (FixedFraction(0.25), dataclasses.replace(kept, fee_bps=5, lots=2)),
        (FixedFraction(0.5), dataclasses.replace(kept, fee_bps=5, lots=2)),
    ]
    assert found.index.tolist() == [2, 0, 1, 0]
    assert [pair[1].lots for pair in found.pairs] == [3, 2, 2]
    assert all(type(pair[1].lots) is int for pair in found.pairs)


def test_pairs_do_not_depend_on_the_order_of_points() -> None:
    rng = np.random.default_rng(1)
    values = rng.integers(1, 4, size=(50, 2)).astype(float)
    names = ["execution.fee_bps", "execution.leverage"]
    one = split_settings(names, values, AllIn(), Execution())
    order = rng.permutation(50)
    two = split_settings(names, values[order], AllIn(), Execution())
    assert one.pairs == two.pairs
    assert one.index[order].tolist() == two.index.tolist()
    assert one.params.shape == (50, 0)


def test_without_settings_there_is_one_pair() -> None:
    found = split_settings(["fast"], np.array([[2.0], [3.0]]), AllIn(), Execution(fee_bps=1))
    assert found.pairs == [(AllIn(), Execution(fee_bps=1))]
    assert found.index.tolist() == [0, 0]
    assert found.params.tolist() == [[2.0], [3.0]]


def test_corners_are_those_of_the_settings_alone() -> None:
    bounds = {"fast": (2.0, 9.0), "risk.units": (1.0, 1.0), "execution.fee_bps": (0.0, 5.0)}
    assert list(setting_corners(bounds)) == [
        {"execution.fee_bps": 0.0, "risk.units": 1.0},
        {"execution.fee_bps": 5.0, "risk.units": 1.0},
    ]
    assert list(setting_corners({"fast": (2.0, 9.0)})) == [{}]


@pytest.mark.parametrize(
    ("values", "risk", "said"),
    [
        ({"execution.fee_bps": 10_000.0}, AllIn(), "expected 0 <= fee_bps < 10,000"),
        ({"execution.participation_rate": 0.0}, AllIn(), "participation_rate <= 1"),
        ({"execution.leverage": 101.0}, AllIn(), "0 < leverage <= 100"),
        ({"risk.window": 1.0}, VolatilityTarget(0.1, 20), "expected a whole number >= 2"),
        (
            {"execution.slippage_bps": 9_000.0, "execution.spread_pct": 0.5},
            AllIn(),
            "take the whole price",
        ),
        (
            {"execution.leverage": 1.5, "risk.fraction": 2.0},
            FixedFraction(1),
            "is above Execution leverage=1.5",
        ),
        ({"risk.risk_pct": 0.01}, RiskPct(0.02), "and 'dual_sma' has none; give"),
    ],
)
def test_settings_that_can_not_be(values: dict[str, float], risk: Risk, said: str) -> None:
    with pytest.raises(SpaceError) as caught:
        check_settings(values, dual_sma(), risk, Execution())
    assert said in str(caught.value)
    for name, value in values.items():
        assert f"{name}={value:g}" in str(caught.value)


def test_bars_are_not_asked_about() -> None:
    check_settings({"execution.participation_rate": 0.1}, dual_sma(), AllIn(), Execution())
    risk = VolatilityTarget(0.1, 20)
    check_settings({"risk.window": 1_000_000.0}, dual_sma(), risk, Execution())


@pytest.mark.parametrize("rows", [0, 1, 500])
def test_distinct_settings_are_those_of_plain_python(rows: int) -> None:
    values = np.random.default_rng(rows).integers(0, 4, size=(rows, 3)) / 4
    names = ["execution.fee_bps", "execution.slippage_bps", "execution.spread_pct"]
    found = split_settings(names, values, AllIn(), Execution())
    expected = sorted({tuple(row) for row in values.tolist()})
    settings = [(e.fee_bps, e.slippage_bps, e.spread_pct) for _, e in found.pairs]
    assert settings == expected
    assert found.index.tolist() == [expected.index(tuple(row)) for row in values.tolist()]
