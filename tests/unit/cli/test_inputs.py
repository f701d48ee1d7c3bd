from __future__ import annotations

import json
from pathlib import Path

import pytest

from hyprl_lab.cli.inputs import (
    bars_from,
    parameters_from,
    read_json,
    risk_from,
    space_from,
    strategy_from,
)
from hyprl_lab.engine.config import AllIn, FixedFraction, RiskPct
from hyprl_lab.errors import BarsError, ConfigError, InputError, SpaceError, StrategyError


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


@pytest.mark.parametrize("source", ["kelly", "all_in=1", "risk_pct", "risk_pct=2"])
def test_risk_that_is_none(source: str) -> None:
    with pytest.raises(ConfigError):
        risk_from(source)


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


def test_space_has_both_ends() -> None:
    space = space_from(["fast=2:100", "slow=10:50:20", "k=0.1:0.5:0.1", "n=3,1.5"])
    assert list(space["fast"])[:2] == [2, 3]
    assert list(space["fast"])[-1] == 100
    assert list(space["slow"]) == [10, 30, 50]
    assert space["k"] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5], rel=1e-15)
    assert space["n"] == [3, 1.5]


@pytest.mark.parametrize(
    "assignment",
    ["fast", "fast=", "fast=5:2", "fast=1:9:0", "fast=1:2:3:4", "k=0.5:1.5", "fast=1:x"],
)
def test_space_that_is_none(assignment: str) -> None:
    with pytest.raises(InputError):
        space_from([assignment])


def test_an_empty_space_is_refused() -> None:
    with pytest.raises(SpaceError, match="--space fast=2:100"):
        space_from([])


def test_read_json_names_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        read_json(path)


@pytest.mark.parametrize("given", ["fast=5:1e12:1", "fast=5:1e12:1e-3", "fast=-1e308:1e308:1e-300"])
def test_a_huge_range_is_counted_not_built(given: str) -> None:
    with pytest.raises(SpaceError, match="take a wider step"):
        space_from([given])
