from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import numpy as np
import pytest

from hyprl_lab.engine.simulation import TradeColumns
from hyprl_lab.errors import InputError
from hyprl_lab.metrics import TRIAL_METRICS, UNITS, Metrics

NAN = math.nan


def values(**changes: float) -> dict[str, float]:
    return (
        dict.fromkeys(TRIAL_METRICS, 1.5)
        | {"trades": 3.0, "open_trades": 0.0, "max_drawdown_bars": 7.0}
        | changes
    )


def build(table: TradeColumns | None = None, **changes: float) -> Metrics:
    return Metrics.from_values(
        values(**changes), trades=table or TradeColumns.empty(), periods_per_year=252
    )


def test_names_are_those_of_the_document(root: Path) -> None:
    text = (root / "docs" / "execution.md").read_text(encoding="utf-8")
    table = text.split("| name | formula |")[1].split("\n\n")[0]
    named = [
        name.strip() for row in table.splitlines()[2:] for name in row.split("|")[1].split(",")
    ]
    assert list(TRIAL_METRICS) == named
    assert [*TRIAL_METRICS, "kelly"] == list(UNITS)
    assert [field.name for field in fields(Metrics)] == [*UNITS, "reasons", "periods_per_year"]


def test_values_become_fields() -> None:
    metrics = build(sharpe=0.75)
    assert metrics.sharpe == 0.75
    assert metrics.trades == 3
    assert type(metrics.trades) is type(metrics.max_drawdown_bars) is int
    assert metrics.periods_per_year == 252.0
    assert metrics.units["max_drawdown"] == "fraction"
    assert metrics.to_dict()["sharpe"] == 0.75
    assert list(metrics.to_dict()) == list(UNITS)
    with pytest.raises(FrozenInstanceError):
        metrics.sharpe = 2.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "name", "reason"),
    [
        ({"cagr": NAN}, "cagr", "no time"),
        ({"cagr": math.inf}, "cagr", "too little to annualise"),
        ({"cagr": NAN, "calmar": NAN}, "calmar", "no time"),
        ({"calmar": NAN}, "calmar", "never fell"),
        ({"sharpe": NAN}, "sharpe", "do not vary"),
        ({"sharpe": NAN, "annualised_volatility": NAN}, "sharpe", "fewer than two headline"),
        ({"kurtosis": NAN}, "kurtosis", "do not vary"),
        ({"sortino": NAN}, "sortino", "negative"),
        ({"profit_factor": NAN}, "profit_factor", "no trade lost"),
        ({"profit_factor": NAN, "trades": 0.0}, "profit_factor", "no trades"),
        ({"sqn": NAN}, "sqn", "same P&L"),
        ({"sqn": NAN, "trades": 1.0}, "sqn", "fewer than two trades"),
        ({"turnover": NAN}, "turnover", "mean equity"),
        ({"turnover": NAN, "cagr": NAN}, "turnover", "no time"),
        ({"edge_bps": NAN}, "edge_bps", "no fills"),
        ({"trades": 0.0}, "kelly", "no trades"),
        ({}, "kelly", "no trade lost"),
    ],
)
def test_what_is_undefined_says_why(changes: dict[str, float], name: str, reason: str) -> None:
    metrics = build(**changes)
    assert getattr(metrics, name) is None
    assert reason in metrics.reasons[name]
    assert set(metrics.reasons) == {
        key for key, value in metrics.to_dict().items() if value is None
    }


def test_what_always_exists_can_not_be_missing() -> None:
    with pytest.raises(InputError, match="total_return"):
        build(total_return=NAN)


def test_names_must_be_complete() -> None:
    with pytest.raises(InputError, match="missing \\['sqn'\\], unknown \\['sqm'\\]"):
        Metrics.from_values(
            {("sqm" if name == "sqn" else name): 1.0 for name in TRIAL_METRICS},
            trades=TradeColumns.empty(),
            periods_per_year=252.0,
        )


def test_kelly_comes_from_the_trades() -> None:
    trades = TradeColumns(
        entry_bar=np.arange(2),
        exit_bar=np.arange(2),
        side=np.ones(2, np.int8),
        entry_price=np.full(2, 100.0),
        exit_price=np.full(2, 100.0),
        quantity=np.ones(2),
        pnl=np.array([10.0, -5.0]),
        trade_return=np.array([0.1, -0.05]),
        stop_price=np.full(2, 95.0),
        reason=np.zeros(2, np.int8),
    )
    assert build(trades).kelly == pytest.approx(0.25)


def test_display_names_values_units_and_reasons() -> None:
    metrics = build(final_equity=12_345.678, sharpe=NAN)
    html = metrics._repr_html_()
    assert "max drawdown intrabar" in html
    assert "12,345.7" in html
    assert "headline returns do not vary" in html
    assert html.count("<tr>") == len(UNITS) + 1
    assert str(metrics).count("\n") == len(UNITS) - 1
    assert "nan" not in str(metrics).lower()
