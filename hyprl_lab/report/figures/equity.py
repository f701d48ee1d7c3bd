"""Equity beside buy and hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.report.figures.theme import BENCHMARK, STRATEGY, instants, lab_figure
from hyprl_lab.report.figures.thin import thin

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hyprl_lab.report.view import RunView

__all__ = ["equity_figure"]


def equity_figure(run: RunView) -> go.Figure:
    """Draw the run's equity, and the same money put into the instrument at the first close.

    Parameters
    ----------
    run
        A `Result` or a `SavedRun`. Equity is in the account's currency, at each bar's close.
        Buy and hold pays no costs.

    Returns
    -------
    plotly.graph_objects.Figure
        Two traces, always in this order: `Strategy`, `Buy & hold`.

    Examples
    --------
    >>> from hyprl_lab.report.sample import sample_run
    >>> [trace.name for trace in equity_figure(sample_run()).data]
    ['Strategy', 'Buy & hold, no costs']
    """
    equity = run.equity
    close = run.bars.to_pandas()["close"].reindex(equity.index)
    hold = close * (run.cash / close.iloc[0])
    figure = lab_figure(title="Equity", x_title="Date (UTC)", y_title="Equity (account currency)")
    for name, series, colour, dash in (
        ("Strategy", thin(equity), STRATEGY, "solid"),
        ("Buy & hold, no costs", thin(hold), BENCHMARK, "dot"),
    ):
        figure.add_scatter(
            x=instants(series.index),
            y=series.to_numpy(),
            name=name,
            mode="lines",
            line={"color": colour, "width": 1.8, "dash": dash},
            hovertemplate="%{y:,.2f}",
        )
    figure.update_yaxes(tickformat=",.0f")
    return figure
