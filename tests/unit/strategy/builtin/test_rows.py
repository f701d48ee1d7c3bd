"""The strategies that ship: names, what is said of each, and that each does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from hyprl_lab.engine.backtest import run
from hyprl_lab.engine.config import Execution
from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.sample import sample_bars
from hyprl_lab.strategy import Strategy, builtin

DAILY = [name for name in builtin.names() if not builtin.row(name).intraday]


def test_names_are_sorted_and_each_is_its_strategy() -> None:
    assert builtin.names() == sorted(builtin.names())
    assert len(builtin.names()) >= 11
    for name in builtin.names():
        assert builtin.get(name).name == name == builtin.row(name).name


@pytest.mark.parametrize("name", ["nope", "__init__", ""])
def test_an_unknown_name_lists_the_known(name: str) -> None:
    with pytest.raises(StrategyError, match=r"no built-in strategy .*'dual_sma'"):
        builtin.get(name)
    with pytest.raises(StrategyError, match=r"no built-in strategy .*'dual_sma'"):
        builtin.row(name)


def test_a_misspelt_name_is_told_the_closest() -> None:
    with pytest.raises(StrategyError, match=r"'dual_sm'; did you mean 'dual_sma'\? there are"):
        builtin.get("dual_sm")
    with pytest.raises(StrategyError, match="'xyzzy'; there are"):
        builtin.get("xyzzy")


@pytest.mark.parametrize("name", builtin.names())
def test_it_is_a_graph_with_ranges_and_usual_values_inside_them(name: str) -> None:
    strategy, row = builtin.get(name), builtin.row(name)
    assert Strategy.from_json(strategy.to_json()) == strategy
    assert set(row.params) == set(strategy.parameters)
    assert strategy.bind(row.params) == {key: float(row.params[key]) for key in sorted(row.params)}
    assert all(parameter.low is not None for parameter in strategy.parameters.values())
    assert row.intraday == bool(strategy.clock)


@pytest.mark.parametrize("name", builtin.names())
def test_it_says_when_it_loses_and_promises_nothing(name: str) -> None:
    row = builtin.row(name)
    assert len(row.weakness.split()) >= 25
    assert not {"guaranteed", "always wins", "profitable", "safe"} & set(row.idea.lower().split())
    doc = row.build.__doc__ or ""
    assert "Loses" in doc
    author = row.source.split(",")[0].split()[-1]
    assert author in doc or "rule" in author


def test_every_file_of_the_package_is_in_the_registry() -> None:
    files = {path.stem for path in Path(builtin.__file__).parent.glob("*.py")}
    assert files - {"__init__", "described", "rows"} == set(builtin.names())


@pytest.mark.parametrize("name", builtin.names())
def test_both_engines_trade_it_alike_on_the_sample(name: str) -> None:
    row = builtin.row(name)
    bars = sample_bars(intraday=row.intraday)
    execution = Execution(fee_bps=5)
    native, twin = (
        run(bars, row.build(), params=row.params, execution=execution, engine=engine).simulation
        for engine in ("native", "python")
    )
    assert native.behaviour_hash == twin.behaviour_hash
    assert len(native.trades) > 0
