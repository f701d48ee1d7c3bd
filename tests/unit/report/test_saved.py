"""A stored run comes back as it was made, ready to be drawn."""

from __future__ import annotations

import pandas as pd
import pytest

import hyprl_lab as hl
from hyprl_lab.engine.result import Result
from hyprl_lab.errors import NotFoundError, ReportError
from hyprl_lab.report.saved import SavedRun, load_run, save_close
from hyprl_lab.store import Warehouse
from hyprl_lab.strategy import builtin


@pytest.fixture
def result() -> Result:
    made = hl.backtest(
        hl.load_bars("TEST"),
        builtin.get("dual_sma"),
        params={"fast": 5, "slow": 20},
        execution=hl.Execution(fee_bps=5),
        cash=1234.0,
    )
    made.save()
    return made


@pytest.fixture
def saved(result: Result, home) -> SavedRun:
    save_close(Warehouse(home), result.run_hash, result.bars, result.equity)
    return load_run(result.run_hash, home=home)


def test_what_comes_back_is_what_was_made(result: Result, saved: SavedRun):
    assert saved.run_hash == result.run_hash
    assert saved.cash == 1234.0
    pd.testing.assert_series_equal(saved.equity, result.equity, check_freq=False)
    assert saved.trades["pnl"].tolist() == result.trades["pnl"].tolist()
    assert saved.trades["side"].tolist() == result.trades["side"].tolist()
    assert dict(saved.metrics.to_dict()) == dict(result.metrics.to_dict())
    assert dict(saved.metrics.reasons) == dict(result.metrics.reasons)
    assert dict(saved.metrics.units) == dict(result.metrics.units)
    assert saved.bars.to_pandas()["close"].tolist() == result.bars.close.tolist()
    assert (saved.bars.symbol, saved.bars.timeframe) == ("TEST", "1d")


def test_the_lineage_names_what_it_was_made_of(result: Result, saved: SavedRun, home):
    lineage = saved.lineage
    assert lineage["run hash"] == result.run_hash
    assert lineage["bars fingerprint"] == result.bars.fingerprint
    assert lineage["strategy hash"] == result.strategy.hash
    assert (lineage["engine"], lineage["engine version"]) == ("native", result.engine_version)
    assert lineage["ledger"] == Warehouse(home).ledger_id
    assert lineage["code version"] == result.lineage["code_version"]
    assert lineage["environment"] == result.lineage["environment_hash"]
    assert lineage["semantics"] == result.lineage["semantics"]


def test_only_the_closes_of_the_period_are_kept(home):
    bars = hl.load_bars("TEST")
    part = hl.backtest(bars, builtin.get("dual_sma"), params={"fast": 5, "slow": 20})
    part.save()
    equity = part.equity.iloc[100:110]
    path = save_close(Warehouse(home), part.run_hash, bars, equity)
    kept = pd.read_parquet(path)
    assert list(kept.columns) == ["close"]
    assert kept["close"].tolist() == bars.close[100:110].tolist()


def test_closes_that_were_never_kept_are_those_of_the_bars(result: Result, home):
    drawn = load_run(result.run_hash, home=home).bars.to_pandas()
    assert drawn["close"].tolist() == result.bars.close.tolist()


def test_files_that_are_lost_come_from_the_run_computed_again(result: Result, home):
    folder = Warehouse(home).get_run(result.run_hash).folder
    (folder / "equity.parquet").unlink()
    (folder / "trades.parquet").write_bytes(b"no table")
    saved = load_run(result.run_hash, home=home)
    pd.testing.assert_series_equal(saved.equity, result.equity)
    pd.testing.assert_frame_equal(saved.trades, result.trades)
    assert dict(saved.metrics.to_dict()) == dict(result.metrics.to_dict())


def test_a_run_that_is_not_there(home):
    with pytest.raises(NotFoundError):
        load_run("0" * 64, home=home)


def test_cash_has_to_be_a_number(saved: SavedRun):
    from dataclasses import replace

    with pytest.raises(ReportError, match="cash is 'much'"):
        _ = replace(saved, config={**saved.config, "cash": "much"}).cash
