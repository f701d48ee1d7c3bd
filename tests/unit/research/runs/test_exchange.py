"""Settings of two runs, grouped and exchanged."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import hyprl_lab as hl
from hyprl_lab.research.runs.again import inputs_of
from hyprl_lab.research.runs.exchange import COSTS, GROUPS, Exchange


def exchanged(warehouse: hl.Warehouse, a: hl.Result, b: hl.Result) -> Exchange:
    return Exchange(*(inputs_of(warehouse.get_run(run.run_hash), warehouse) for run in (a, b)))


def test_every_setting_of_an_execution_is_of_one_group(save: Any, warehouse: hl.Warehouse) -> None:
    every = {item.name for item in fields(hl.Execution)}
    assert set(COSTS) < every
    a = save()
    settings = exchanged(warehouse, a, a)._settings(inputs_of(
        warehouse.get_run(a.run_hash), warehouse))  # fmt: skip
    assert list(settings) == list(GROUPS)
    assert set(settings["fill_rule"]) | set(settings["cost"]) == every
    assert not set(settings["fill_rule"]) & set(settings["cost"])


def test_none_of_b_is_a_and_all_of_it_is_b(save: Any, warehouse: hl.Warehouse) -> None:
    a = save(execution=hl.Execution(fee_bps=3))
    b = save(bars=hl.load_bars("sp500"), cash=7.0, execution=hl.Execution(fill="same_close"))
    both = exchanged(warehouse, a, b)
    assert both.run(frozenset()).run_hash == a.run_hash
    assert both.run(frozenset(GROUPS)).run_hash == b.run_hash
    assert both.run(frozenset(both.differing)).run_hash == b.run_hash
    assert both.differing == {
        "data": ["bars", "period", "periods_per_year"],
        "parameter": ["cash"],
        "cost": ["fee_bps"],
        "fill_rule": ["fill"],
    }
    mixed = both.run(frozenset({"data", "cost"}))
    assert (mixed.bars, mixed.cash) == (b.bars, a.cash)
    assert mixed.execution == hl.Execution()


def test_another_spelling_of_a_strategy_is_no_difference(
    save: Any, warehouse: hl.Warehouse
) -> None:
    mean = hl.ta.sma(hl.close, 20)
    a = save(strategy=hl.Strategy("one", long_entry=hl.close > mean))
    b = save(strategy=hl.Strategy("two", long_entry=mean < hl.close))
    assert exchanged(warehouse, a, b).differing == {}
