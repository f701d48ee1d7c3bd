"""What a run is and did, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from hyprl_lab.report.markup import Column, Table
from hyprl_lab.report.numbers import DASH, number_text, value_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from hyprl_lab.types import JsonValue

__all__ = [
    "HEADLINE",
    "MetricsView",
    "config_table",
    "metrics_table",
    "trades_table",
]

HEADLINE: Final = (
    "total_return",
    "cagr",
    "sharpe",
    "max_drawdown",
    "trades",
    "win_rate",
    "profit_factor",
    "exposure",
)

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "Return": ("total_return", "cagr", "final_equity", "pnl_per_10k"),
    "Risk": (
        "annualised_volatility",
        "max_drawdown",
        "max_drawdown_intrabar",
        "max_drawdown_bars",
        "skewness",
        "kurtosis",
    ),
    "Return for risk": ("sharpe", "sharpe_per_period", "sortino", "calmar", "sqn", "kelly"),
    "Trades": (
        "trades",
        "open_trades",
        "win_rate",
        "profit_factor",
        "average_trade_return",
        "edge_bps",
    ),
    "Activity and costs": ("exposure", "turnover", "fees_paid"),
}

LABELS: Final[Mapping[str, str]] = {
    "cagr": "CAGR",
    "max_drawdown": "Maximum drawdown, at closes",
    "max_drawdown_intrabar": "Maximum drawdown, inside bars",
    "max_drawdown_bars": "Longest time below the peak",
    "pnl_per_10k": "P&L per 10,000",
    "sharpe": "Sharpe ratio",
    "sharpe_per_period": "Sharpe ratio, per period",
    "sortino": "Sortino ratio",
    "calmar": "Calmar ratio",
    "sqn": "System quality number",
    "kelly": "Kelly fraction, on R",
    "edge_bps": "Edge on money traded",
}


class MetricsView(Protocol):
    """The part of `hyprl_lab.metrics.Metrics` that is shown."""

    @property
    def units(self) -> Mapping[str, str]:
        """The unit of each metric."""
        ...

    @property
    def reasons(self) -> Mapping[str, str]:
        """Why a metric is `None`."""
        ...

    def to_dict(self) -> Mapping[str, float | int | None]:
        """Return each metric by name."""
        ...


def label(name: str) -> str:
    """Return a metric's name as a reader says it.

    Examples
    --------
    >>> label("win_rate"), label("cagr")
    ('Win rate', 'CAGR')
    """
    return LABELS.get(name, name.replace("_", " ").capitalize())


def metrics_table(metrics: MetricsView) -> Table:
    """Return every metric by group, with its unit, and the reason where it is undefined.

    Metrics that belong to no known group stand last under "Other", so that none is left out.

    Examples
    --------
    >>> from hyprl_lab.engine.simulation import TradeColumns
    >>> from hyprl_lab.metrics import TRIAL_METRICS, Metrics
    >>> values = dict.fromkeys(TRIAL_METRICS, 0.0) | {"sharpe": float("nan")}
    >>> metrics = Metrics.from_values(values, trades=TradeColumns.empty(), periods_per_year=252.0)
    >>> "headline returns do not vary" in metrics_table(metrics).to_html()
    True
    """
    grouped = {name for names in GROUPS.values() for name in names}
    others = tuple(name for name in metrics.units if name not in grouped)
    rows: list[tuple[str, ...]] = []
    for heading, names in {**GROUPS, "Other": others}.items():
        found = [_metric_row(metrics, name) for name in names if name in metrics.units]
        rows += [(heading,), *found] if found else []
    return Table("", _METRIC_COLUMNS, rows)


_METRIC_COLUMNS: Final = (Column("Metric"), Column("Value", "number"), Column("Unit", "note"))


def _metric_row(metrics: MetricsView, name: str) -> tuple[str, str, str]:
    value, unit = metrics.to_dict()[name], metrics.units[name]
    note = unit.replace("fraction", "percent") if value is not None else ""
    return label(name), value_text(value, unit), note or f"undefined: {metrics.reasons[name]}"


def trades_table(trades: pd.DataFrame, *, limit: int = 20) -> Table:
    """Return the last trades, newest first; the caption says how many there are in all.

    Parameters
    ----------
    trades
        A result's trades; prices in quote currency, P&L in the account's, net of costs.
    limit
        Most rows shown, at least 1.

    Examples
    --------
    >>> from hyprl_lab.report.sample import sample_run
    >>> trades_table(sample_run().trades, limit=1).caption
    'The last 1 of 2 trades, newest first'
    """
    shown = trades.iloc[::-1].head(limit)
    caption = (
        f"The last {len(shown)} of {len(trades)} trades, newest first"
        if len(shown) < len(trades)
        else f"All {len(trades)} trades, newest first"
    )
    columns = (
        Column("Entry (UTC)"),
        Column("Exit (UTC)"),
        Column("Side"),
        Column("Entry price", "number"),
        Column("Exit price", "number"),
        Column("Quantity", "number"),
        Column("P&L", "number"),
        Column("Return", "number"),
        Column("Exit by"),
    )
    rows = [
        (
            _moment(row["entry_ts"]),
            _moment(row["exit_ts"]),
            str(row["side"]),
            f"{row['entry_price']:,.4f}",
            f"{row['exit_price']:,.4f}",
            f"{row['quantity']:,.4f}",
            f"{row['pnl']:,.2f}",
            f"{100 * row['return']:,.2f} %",
            str(row["reason"]).replace("_", " "),
        )
        for row in shown.to_dict("records")
    ]
    return Table(caption, columns, rows)


def _moment(moment: pd.Timestamp) -> str:
    whole_day = moment == moment.normalize()
    return moment.strftime("%Y-%m-%d" if whole_day else "%Y-%m-%d %H:%M")


def config_table(config: Mapping[str, JsonValue], *, caption: str = "") -> Table:
    """Return nested settings as two columns; a nested name reads `outer.inner`.

    Parameters
    ----------
    config
        JSON values. Lists are joined by commas; an empty object or list shows a dash.
    caption
        A heading.

    Examples
    --------
    >>> config_table({"cash": 10000.0, "risk": {"kind": "all_in"}}).rows
    [('cash', '10,000'), ('risk.kind', 'all_in')]
    """
    return Table(caption, (Column(""), Column("")), list(_flat(config, "")))


def _flat(config: Mapping[str, JsonValue], prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in config.items():
        if isinstance(value, dict) and value:
            rows += _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list | dict):
            items = [number_text(item) for item in value]
            rows.append((prefix + name, ", ".join(items) or DASH))
        else:
            rows.append((prefix + name, number_text(value)))
    return rows
