from __future__ import annotations

import json
from pathlib import Path

import pytest

from hyprl_lab.cli.inputs import (
    bars_from,
    execution_from,
    number,
    parameters_from,
    read_json,
    risk_from,
    strategy_from,
)
from hyprl_lab.engine.config import (
    AllIn,
    Execution,
    FixedFraction,
    FixedUnits,
    KellyFraction,
    Money,
    RiskPct,
    VolatilityTarget,
)
from hyprl_lab.errors import BarsError, ConfigError, InputError, StrategyError


def test_bars_by_name_and_cut() -> None:
    bars = bars_from("sp500", start="2000-01-01", end="2001-01-01")
    assert len(bars) == 252
    assert bars.symbol == "SP500"


def test_bars_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ACME.csv"
    path.write_text("date,open,high,low,close\n2024-01-02,1,2,1,2\n2024-01-03,2,3,2,3\n")
    bars = bars_from(str(path), timeframe="1d")
    assert (bars.symbol, len(bars), bars.close.tolist()) == ("ACME", 2, [2.0, 3.0])


def test_an_unknown_name_of_bars_is_refused() -> None:
    with pytest.raises(BarsError, match="sp500"):
        bars_from("nowhere")


def test_a_strategy_by_name_and_from_its_own_json(tmp_path: Path) -> None:
    built = strategy_from("dual_sma")
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(built.to_json()))
    assert strategy_from(str(path)).hash == built.hash


@pytest.mark.parametrize(
    ("content", "message"),
    [("[1, 2]", "expected a JSON object"), ("{", "line 1"), (None, "check the path")],
)
def test_a_strategy_file_that_is_none(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "mine.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=message):
        strategy_from(str(path))


def test_risk_in_words_and_from_json(tmp_path: Path) -> None:
    path = tmp_path / "risk.json"
    path.write_text('{"model": "risk_pct", "risk_pct": 0.01}')
    assert risk_from("all_in") == AllIn()
    assert risk_from("fixed_fraction=0.25") == FixedFraction(0.25)
    assert risk_from("risk_pct=0.02") == RiskPct(0.02)
    assert risk_from(str(path)) == RiskPct(0.01)
    assert risk_from(' {"model": "fixed_units", "units": 3}') == FixedUnits(3)
    assert risk_from("fixed_units=100") == FixedUnits(100)
    assert risk_from("volatility_target=0.15,20") == VolatilityTarget(0.15, 20)
    assert risk_from("volatility_target=window=20,annual=0.15") == VolatilityTarget(0.15, 20)
    assert risk_from(" kelly_fraction = 0.5, 50, 0.1") == KellyFraction(0.5, 50, 0.1)
    assert risk_from("kelly_fraction=0.5,fallback=0.1,window=50") == KellyFraction(0.5, 50, 0.1)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("kelly", "no such model.*kelly_fraction"),
        ("all_in=1", "write all_in$"),
        ("risk_pct", r"misses \['risk_pct'\]; write risk_pct=risk_pct"),
        ("risk_pct=2", "risk_pct <= 1"),
        ("volatility_target=0.15", r"misses \['window'\]; write volatility_target=annual,window"),
        ("volatility_target=0.15,20,3", "'3' does not fit"),
        ("volatility_target=0.15,annual=0.2", "'annual=0.2' does not fit"),
        ("volatility_target=0.15,days=20", "'days=20' does not fit"),
        ("{", "expected JSON"),
        ('{"model": "x"}', "choose one of"),
    ],
)
def test_risk_that_is_none(source: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        risk_from(source)


def test_risk_that_is_no_number() -> None:
    with pytest.raises(InputError, match="'x' is no number"):
        risk_from("risk_pct=x")


def test_execution_from_options_text_and_file(tmp_path: Path) -> None:
    path = tmp_path / "execution.json"
    path.write_text('{"leverage": 2, "daily_target": {"money": 500}}')
    options = {"fee_bps": 5.0, "fill": "next_open"}
    assert execution_from(None, **options) == Execution(fee_bps=5)
    expected = Execution(fee_bps=5, leverage=2, daily_target=Money(500))
    assert execution_from(str(path), **options) == expected
    found = execution_from('{"fill": "same_close"}', **options)  # left at its default, so not twice
    assert found == Execution(fee_bps=5, fill="same_close")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('{"fee_bps": 7}', r"\['fee_bps'\].*once"),
        ('{"spread": 7}', "unknown settings"),
        ("[1]", "check the path"),
        ('{"leverage": 0}', "leverage"),
        ("{1}", "expected JSON"),
    ],
)
def test_execution_that_is_none(source: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        execution_from(source, fee_bps=5.0)


def test_parameters_keep_whole_numbers_whole() -> None:
    found = parameters_from(["fast=10", "k=2.5", " slow = 20 "])
    assert found == {"fast": 10, "k": 2.5, "slow": 20}
    assert [type(value) for value in found.values()] == [int, float, int]


@pytest.mark.parametrize("assignment", ["fast", "=3", "fast=x", "fast=nan", "fast=1e999"])
def test_parameters_that_are_none(assignment: str) -> None:
    with pytest.raises(InputError):
        parameters_from([assignment])


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(StrategyError, match="twice"):
        parameters_from(["fast=1", "fast=2"])


def test_read_json_names_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        read_json(path)


@pytest.mark.parametrize("option", ["--risk", "--execution"])
def test_settings_that_stand_twice_or_never_end_are_refused(tmp_path: Path, option: str) -> None:
    read = risk_from if option == "--risk" else execution_from
    path = tmp_path / "x.json"
    for text, said in [
        ('{"fee_bps": 1, "fee_bps": 2}', "'fee_bps' stands twice"),
        (f'{{"fee_bps": {"[" * 100_000}', "nested deeper"),
        (f'{{"fee_bps": {"9" * 5_000}}}', "5,000 characters"),
    ]:
        with pytest.raises(ConfigError, match=f"{option}: .*{said}"):
            read(text)
        path.write_text(text)
        with pytest.raises(InputError, match=said):
            read(str(path))
        with pytest.raises(InputError, match=said):
            strategy_from(str(path))


def test_a_daily_limit_without_its_unit_is_told_both() -> None:
    with pytest.raises(ConfigError, match=r'is 5; expected \{"money": 500\}, \{"percent": 0\.02\}'):
        execution_from('{"daily_target": 5}')


@pytest.mark.parametrize("digits", ["9" * 19, "9" * 5_000, "-" + "9" * 30])
def test_whole_numbers_that_nothing_holds_are_refused(digits: str) -> None:
    with pytest.raises(InputError, match=r"more than 18 digits|is not finite") as caught:
        number("--param", digits)
    assert len(str(caught.value)) < 250
    with pytest.raises(InputError):
        parameters_from([f"fast={digits}"])
    with pytest.raises(InputError):
        risk_from(f"fixed_units={digits}")
