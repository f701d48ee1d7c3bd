"""How far below its peak the account was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.report.figures.theme import LOSS, instants, lab_figure
from hyprl_lab.report.figures.thin import thin

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from hyprl_lab.report.view import RunView

__all__ = ["drawdown_figure", "drawdown_series"]


def drawdown_series(equity: pd.Series[float], *, cash: float) -> pd.Series[float]:
    """Return how far below its running peak each close is; the peak starts at the cash.

    1 - equity/peak: `max_drawdown` of `docs/execution.md`, "Metrics of a trial", without the
    maximum. A positive fraction, 0 at a new peak, at most 1.

    Parameters
    ----------
    equity
        Money at each bar's close.
    cash
        Money at the start.

    Examples
    --------
    >>> import pandas as pd
    >>> drawdown_series(pd.Series([90.0, 120.0, 60.0]), cash=100.0).tolist()
    [0.1, 0.0, 0.5]
    """
    peak = equity.cummax().clip(lower=cash)
    # Rounded at the 15th digit: 1 - 0.9 should read 0.1.
    return (1 - equity / peak).clip(upper=1.0).round(15)


def drawdown_figure(run: RunView) -> go.Figure:
    """Draw the close-to-close drawdown, downwards, in percent of the running peak.

    Examples
    --------
    >>> from hyprl_lab.report.sample import sample_run
    >>> drawdown_figure(sample_run()).data[0].name
    'Drawdown'
    """
    series = thin(-drawdown_series(run.equity, cash=run.cash))
    figure = lab_figure(
        title="Drawdown from the running peak, at closes",
        x_title="Date (UTC)",
        y_title="Drawdown (%)",
        height=260,
    )
    figure.add_scatter(
        x=instants(series.index),
        y=series.to_numpy(),
        name="Drawdown",
        mode="lines",
        fill="tozeroy",
        line={"color": LOSS, "width": 1.2},
        fillcolor="rgba(213, 94, 0, 0.22)",
        hovertemplate="%{y:.2%}",
        showlegend=False,
    )
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return figure
