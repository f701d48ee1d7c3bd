from __future__ import annotations

import copy
import math
import pickle
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
        ({"edge_bps": NAN}, "edge_bps", "beyond a float"),
        ({"edge_bps": NAN, "trades": 0.0, "open_trades": 1.0}, "edge_bps", "beyond a float"),
        ({"edge_bps": NAN, "trades": 0.0, "open_trades": 0.0}, "edge_bps", "no fills"),
        ({"average_trade_return": NAN}, "average_trade_return", "beyond a float"),
        ({"average_trade_return": NAN, "trades": 0.0}, "average_trade_return", "no trades"),
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
        fees=np.zeros(2),
        financing=np.zeros(2),
        mae=np.zeros(2),
        mfe=np.zeros(2),
    )
    assert build(trades).kelly == pytest.approx(0.25)
    # a point worth 10 puts ten times as much at risk: R is a tenth, the fraction ten times
    dear = Metrics.from_values(values(), trades=trades, periods_per_year=252, point_value=10.0)
    assert dear.kelly == pytest.approx(2.5)


def test_the_table_has_each_metric_with_its_unit_and_reason() -> None:
    metrics = build(final_equity=12_345.678, sharpe=NAN)
    table = metrics.table()
    assert table.index.tolist() == list(UNITS)
    assert table["unit"].to_dict() == dict(UNITS)
    assert table.loc["final_equity", "value"] == 12_345.678
    assert table["value"].isna().equals(table["reason"] != "")
    assert table.loc["sharpe", "reason"] == metrics.reasons["sharpe"]


def test_display_names_values_units_and_reasons() -> None:
    metrics = build(final_equity=12_345.678, sharpe=NAN)
    html = metrics._repr_html_()
    assert "max drawdown intrabar" in html
    assert "12,345.7" in html
    assert "headline returns do not vary" in html
    assert html.count("<tr>") == len(UNITS) + 1
    assert str(metrics).count("\n") == len(UNITS) - 1
    assert "nan" not in str(metrics).lower()


@pytest.mark.parametrize("name", ["sharpe", "calmar"])
def test_metrics_are_attributes_and_say_so(name: str) -> None:
    with pytest.raises(InputError, match=rf"write metrics\.{name}, or metrics\.to_dict\(\)"):
        build()[name]
    for other in ("return", 3, []):
        with pytest.raises(InputError, match=r"write metrics\.sharpe"):
            build()[other]


def test_metrics_are_copied_and_pickled() -> None:
    metrics = build(calmar=NAN)
    for made in (copy.copy(metrics), copy.deepcopy(metrics), pickle.loads(pickle.dumps(metrics))):
        assert made == metrics
        assert made.reasons == metrics.reasons
        with pytest.raises(TypeError):
            made.reasons["calmar"] = "x"  # type: ignore[index]
