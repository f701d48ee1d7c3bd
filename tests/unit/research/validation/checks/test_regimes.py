from __future__ import annotations

from pathlib import Path

import hyprl_lab as hl
from hyprl_lab.research.validation.regimes import Regime, Regimes, regimes
from hyprl_lab.strategy.builtin import dual_sma

NAMES = ("worst_regime_sharpe", "profitable_regimes")


def one(name: str, sharpe: float | None, total: float, reason: str | None = None) -> Regime:
    return Regime(by="trend", name=name, n=40, sharpe=sharpe, total_return=total, reason=reason)


def test_its_readings(read) -> None:
    table = (
        one("calm", 1.5, 0.1),
        one("stormy", -0.25, -0.2),
        one("middling", 0.5, 0.3),
        one("rising", None, 0.0, "fewer than 20 returns"),
        one("falling", 0.1, 0.01),
    )
    rows = read("regimes", found=Regimes(month=21, quarter=63, unknown=5, table=table))
    assert rows[NAMES[0]].value == -0.25
    assert rows[NAMES[0]].reading == (
        "In its worst state of the market, stormy (40 returns), the annual Sharpe ratio is -0.25."
    )
    assert rows[NAMES[1]].value == 0.75
    assert rows[NAMES[1]].reading == (
        "It made money in 3 of 4 states of the market: calm, middling and stormy, rising and "
        "falling; left out: rising (fewer than 20 returns)."
    )
    nothing = Regimes(month=21, quarter=63, unknown=5, table=table[3:4])
    assert "no state of the market holds" in str(read("regimes", found=nothing)[NAMES[0]].reason)


def test_of_a_run_and_without_one(tmp_path: Path) -> None:
    home, bars = hl.Warehouse(tmp_path), hl.load_bars("sp500").take(0, 900)
    run = hl.backtest(bars, dual_sma(), params={"fast": 5, "slow": 20}, warehouse=home)
    found = hl.validate(run, checks=["regimes"])
    expected = regimes(run, run.returns.to_numpy())
    assert found.evidence["regimes"] == expected
    assert expected.worst is not None
    assert found.row(NAMES[0]).value == expected.worst.sharpe
    assert found.row(NAMES[1]).value == expected.profitable
    never = hl.backtest(bars, hl.Strategy("never", long_entry=hl.close > 1e9), warehouse=home)
    rows = hl.validate(never, checks=["regimes"]).rows
    assert ["do not vary" in str(row.reason) for row in rows] == [True, True]
