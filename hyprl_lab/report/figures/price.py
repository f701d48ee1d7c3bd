"""Where the trades were, on the price."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from hyprl_lab.report.figures.theme import GAIN, LOSS, PRICE, SHORT, STRATEGY, instants, lab_figure
from hyprl_lab.report.figures.thin import thin

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

    from hyprl_lab.report.view import RunView

__all__ = ["price_figure"]


def price_figure(run: RunView) -> go.Figure:
    """Draw the close with every entry and exit at its fill price.

    Shapes carry the meaning as colours do: a triangle up is a long entry, down a short entry,
    a filled circle an exit with a profit, a cross one without.

    Returns
    -------
    plotly.graph_objects.Figure
        Five traces, always in this order: close, long entries, short entries, exits with a
        profit, exits without. A trace without trades is empty.

    Examples
    --------
    >>> from hyprl_lab.report.sample import sample_run
    >>> [len(trace.x) for trace in price_figure(sample_run()).data]
    [6, 1, 1, 1, 1]
    """
    close = thin(run.bars.to_pandas()["close"].reindex(run.equity.index))
    trades = run.trades
    figure = lab_figure(
        title=f"{escape(run.bars.symbol)}, {escape(run.bars.timeframe)} close, with fills",
        x_title="Date (UTC)",
        y_title="Price (quote currency)",
        height=420,
    )
    figure.add_scatter(
        x=instants(close.index),
        y=close.to_numpy(),
        name="Close",
        mode="lines",
        line={"color": PRICE, "width": 1.1},
        hovertemplate="%{y:,.4~f}",
    )
    longs, shorts = trades[trades["side"] == "long"], trades[trades["side"] == "short"]
    profits, others = trades[trades["pnl"] > 0], trades[~(trades["pnl"] > 0)]
    for name, chosen, end, symbol, colour in (
        ("Long entry", longs, "entry", "triangle-up", STRATEGY),
        ("Short entry", shorts, "entry", "triangle-down", SHORT),
        ("Exit, profit", profits, "exit", "circle", GAIN),
        ("Exit, no profit", others, "exit", "x", LOSS),
    ):
        figure.add_scatter(
            x=instants(chosen[f"{end}_ts"]),
            y=chosen[f"{end}_price"].to_numpy(dtype=float),
            text=_entry_notes(chosen) if end == "entry" else _exit_notes(chosen),
            name=name,
            mode="markers",
            marker={
                "symbol": symbol,
                "color": colour,
                "size": 12 if end == "entry" else 7,
                "line": {"width": 1, "color": "white"},
            },
            hovertemplate="%{x}<br>%{y:,.4~f}<br>%{text}",
        )
    # The same width of time as the other charts: marks would widen it.
    days = instants(close.index)
    figure.update_xaxes(range=[days[0], days[-1]])
    figure.update_layout(hovermode="closest")
    return figure


def _entry_notes(trades: pd.DataFrame) -> list[str]:
    return [f"quantity {quantity:,.4f}" for quantity in trades["quantity"]]


def _exit_notes(trades: pd.DataFrame) -> list[str]:
    columns = zip(trades["reason"], trades["pnl"], trades["return"], strict=True)
    return [f"{reason}, P&L {pnl:,.2f} ({ratio:.2%})" for reason, pnl, ratio in columns]
