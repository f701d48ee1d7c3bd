from types import MappingProxyType

import pytest

from hyprl_lab.engine.simulation import TradeColumns
from hyprl_lab.metrics import TRIAL_METRICS, UNITS, Metrics
from hyprl_lab.report.markup import Table
from hyprl_lab.report.tables import (
    GROUPS,
    config_table,
    label,
    metrics_table,
    trades_table,
)


@pytest.fixture
def metrics() -> Metrics:
    values = dict.fromkeys(TRIAL_METRICS, 0.25) | {
        "trades": 3.0,
        "max_drawdown_bars": 40.0,
        "sharpe": float("nan"),
    }
    return Metrics.from_values(values, trades=TradeColumns.empty(), periods_per_year=252.0)


def test_every_metric_belongs_to_one_group_and_is_shown(metrics):
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(UNITS)
    rows = metrics_table(metrics).rows
    assert {row[0] for row in rows if len(row) == 3} == {label(name) for name in UNITS}


def test_an_undefined_metric_gives_its_reason(metrics):
    rows = {row[0]: row for row in metrics_table(metrics).rows if len(row) == 3}
    assert rows["Sharpe ratio"] == ("Sharpe ratio", "—", "undefined: headline returns do not vary")
    assert rows["Total return"] == ("Total return", "25.00 %", "percent")
    assert rows["Longest time below the peak"] == ("Longest time below the peak", "40", "bars")


def test_a_metric_no_group_knows_is_not_lost(metrics):
    class More:
        units = MappingProxyType({**UNITS, "omega": "ratio"})
        reasons = metrics.reasons

        def to_dict(self):
            return metrics.to_dict() | {"omega": 1.5}

    rows = list(metrics_table(More()).rows)
    assert rows[-2:] == [("Other",), ("Omega", "1.500", "ratio")]


def test_trades_are_newest_first_and_their_number_is_said(long_run):
    table = trades_table(long_run.trades, limit=5)
    assert table.caption == f"The last 5 of {len(long_run.trades)} trades, newest first"
    last = long_run.trades.iloc[-1]
    assert table.rows[0][0] == last["entry_ts"].strftime("%Y-%m-%d")
    assert table.rows[0][6] == f"{last['pnl']:,.2f}"
    assert len(table.rows) == 5
    assert trades_table(long_run.trades.iloc[:0]).caption == "All 0 trades, newest first"


def test_nested_settings_are_flat_and_complete():
    config = {"a": {"b": 1, "c": {"d": None}}, "list": [1, "x"], "empty": {}, "flag": False}
    table = config_table(config, caption="Settings")
    assert isinstance(table, Table)
    assert table.rows == [
        ("a.b", "1"),
        ("a.c.d", "—"),
        ("list", "1, x"),
        ("empty", "—"),
        ("flag", "no"),
    ]
