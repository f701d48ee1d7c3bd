"""How the trades ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.report.figures.theme import GAIN, LOSS, lab_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hyprl_lab.report.view import RunView

__all__ = ["outcomes_figure"]


def outcomes_figure(run: RunView) -> go.Figure:
    """Draw how many trades ended with which profit or loss, net of costs.

    Both sides share bins of one width, of which zero is an edge, so that no bin mixes profits
    and losses. A trade that ends at exactly zero counts as a loss here, as it does in
    `win_rate`.

    Returns
    -------
    plotly.graph_objects.Figure
        Two bar traces, always in this order: losses, profits.

    Examples
    --------
    >>> from hyprl_lab.report.sample import sample_run
    >>> figure = outcomes_figure(sample_run())
    >>> sum(figure.data[0].y), sum(figure.data[1].y)
    (1, 1)
    """
    pnl = run.trades["pnl"].to_numpy(dtype=np.float64)
    width = bin_width(pnl)
    figure = lab_figure(
        title="Trades by profit or loss, net of costs",
        x_title="P&L of a trade (account currency)",
        y_title="Number of trades",
        height=320,
    )
    for name, chosen, colour, pattern in (
        ("Loss or zero", pnl[pnl <= 0], LOSS, "/"),
        ("Profit", pnl[pnl > 0], GAIN, ""),
    ):
        bins, counts = np.unique(_bin(chosen, width), return_counts=True)
        figure.add_bar(
            x=(bins + 0.5) * width,
            y=counts.tolist(),
            width=[width] * len(bins),
            name=name,
            marker={
                "color": colour,
                "line": {"width": 1, "color": "white"},
                "pattern": {"shape": pattern, "fillmode": "overlay", "fgopacity": 0.45, "size": 6},
            },
            hovertemplate="about %{x:,.2f}: %{y} trades",
        )
    figure.update_layout(hovermode="closest", bargap=0, barmode="overlay")
    figure.update_xaxes(tickformat=",.0f" if width >= 1 else ",.2f")
    return figure


def bin_width(pnl: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Return a bin width of 1, 2 or 5 times a power of ten that gives 15 to 40 bins.

    Parameters
    ----------
    pnl
        Money; an empty or constant-zero array gives 1.

    Examples
    --------
    >>> import numpy as np
    >>> bin_width(np.array([-310.0, 720.0]))
    50.0
    """
    if pnl.size == 0 or not np.any(pnl):
        return 1.0
    span = max(float(pnl.max()), 0.0) - min(float(pnl.min()), 0.0)
    rough = span / 35
    scale = float(10.0 ** np.floor(np.log10(rough)))
    return next(step * scale for step in (1.0, 2.0, 5.0, 10.0) if step * scale >= rough)


def _bin(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], width: float
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    # A loss or zero lies in (left, right], a profit too: an edge belongs to the bin nearer zero
    # for profits, and zero itself to the first losing bin.
    return np.where(
        values > 0, np.ceil(values / width) - 1, np.minimum(np.floor(values / width), -1)
    ).astype(np.int64)
