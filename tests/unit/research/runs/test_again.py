"""What a stored run was made of, also where it is older than the keeping of bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import hyprl_lab as hl
from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.research.recording import run_record
from hyprl_lab.research.runs.again import inputs_of
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from hyprl_lab.store import StoredRun

PARAMS = {"fast": 5, "slow": 20}


def without_bars(bars: hl.Bars, warehouse: hl.Warehouse) -> StoredRun:
    """Store a run, and not its bars, as labs did before."""
    made = hl.backtest(bars, dual_sma(), params=PARAMS, warehouse=warehouse)
    warehouse.save_run(run_record(made, warehouse))
    return warehouse.get_run(made.run_hash)


def test_every_setting_comes_back(warehouse: hl.Warehouse) -> None:
    made = hl.backtest(
        hl.load_bars("sp500"),
        dual_sma(),
        params={"fast": 7, "slow": 50},
        risk=hl.VolatilityTarget(0.2, 30),
        execution=hl.Execution(fee_bps=3, fill="same_close", lots=2, at_end="mark"),
        cash=4321.5,
        seed=9,
        period=("2001-01-01", "2009-06-30"),
        periods_per_year=250.5,
        engine="python",
        warehouse=warehouse,
    )
    inputs = inputs_of(warehouse.get_run(made.save()), warehouse)
    assert (inputs.bars, inputs.engine) == (made.bars, "python")
    again = inputs.run()
    assert again.config == made.config
    assert again.run_hash == made.run_hash
    assert not again.recorded


def test_bars_that_ship_stand_in_for_bars_that_are_not_kept(warehouse: hl.Warehouse) -> None:
    bars = hl.load_bars("TEST")
    whole, part = without_bars(bars, warehouse), without_bars(bars.take(0, 300), warehouse)
    assert warehouse.list_bars() == []
    assert inputs_of(whole, warehouse).bars == bars
    assert inputs_of(part, warehouse).bars == bars.take(0, 300)


def test_kept_bars_that_have_grown_stand_in(warehouse: hl.Warehouse) -> None:
    bars = hl.load_bars("TEST")
    acme = hl.Bars("ACME", "1d", bars.calendar, bars.ts, bars.columns)
    stored = without_bars(acme.take(0, 200), warehouse)
    with pytest.raises(NotFoundError, match=r"bars of run .* \(ACME 1d .*are not kept"):
        inputs_of(stored, warehouse)
    warehouse.save_bars(acme)
    assert inputs_of(stored, warehouse).bars == acme.take(0, 200)


def test_bars_that_are_handed_in_are_checked(warehouse: hl.Warehouse) -> None:
    bars = hl.load_bars("TEST")
    acme = hl.Bars("ACME", "1d", bars.calendar, bars.ts, bars.columns)
    stored = without_bars(acme.take(0, 200), warehouse)
    assert inputs_of(stored, warehouse, acme).bars == acme.take(0, 200)
    with pytest.raises(InputError, match="made on bars with symbol ACME; found TEST"):
        inputs_of(stored, warehouse, bars)
    with pytest.raises(InputError, match="made on other bars of ACME"):
        inputs_of(stored, warehouse, acme.take(1, 300))
    assert hl.runs.reproduce(stored.run_hash, bars=acme, warehouse=warehouse).equal
