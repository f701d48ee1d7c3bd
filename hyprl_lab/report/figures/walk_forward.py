"""What was left on bars that the search of each window had not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.report.figures.theme import BENCHMARK, STRATEGY, instants, lab_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hyprl_lab.research.walk_forward import WalkForward

__all__ = ["walk_forward_figure"]


def walk_forward_figure(found: WalkForward) -> go.Figure:
    """Draw the equity of the stitched tests, with a line where each window begins.

    Parameters
    ----------
    found
        What `hl.walk_forward` returned, or `validation.evidence["walk_forward"]`.

    Returns
    -------
    plotly.graph_objects.Figure
        The equity, from 1; and the legend of the dotted lines.
    """
    import pandas as pd

    sharpe = found.out_of_sample_sharpe
    said = "does not vary" if sharpe is None else f"has an annual Sharpe ratio of {sharpe:.2f}"
    figure = lab_figure(
        title=f"What was traded on unseen bars {said}",
        x_title="Date (UTC)",
        y_title="Equity of the tests, 1 at the start",
    )
    moments = instants(pd.to_datetime(pd.Index(found.ts), unit="us", utc=True))
    figure.add_scatter(
        x=moments,
        y=np.cumprod(1.0 + found.returns).tolist(),
        name="Stitched tests",
        mode="lines",
        line={"color": STRATEGY, "width": 2},
        hovertemplate="%{y:.3f}",
    )
    dotted = {"color": BENCHMARK, "width": 1, "dash": "dot"}
    for window in found.windows:
        start = pd.Timestamp(window.test_start, unit="us", tz="UTC")
        figure.add_vline(x=start.isoformat(), line=dotted)
    figure.add_scatter(x=[None], y=[None], name="A new choice", mode="lines", line=dotted)
    figure.add_hline(y=1.0, line={"color": BENCHMARK, "width": 1})
    return figure
