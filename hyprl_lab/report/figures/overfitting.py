"""How the trial chosen in one half of time ranked in the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.report.figures.theme import GAIN, LOSS, lab_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hyprl_lab.research.validation.search_overfitting import SearchOverfitting

__all__ = ["overfitting_figure"]


def overfitting_figure(found: SearchOverfitting) -> go.Figure:
    """Draw the histogram of logits of the probability of backtest overfitting.

    The title says so where the probability is inconclusive.

    Parameters
    ----------
    found
        `validation.evidence["pbo"]`.

    Returns
    -------
    plotly.graph_objects.Figure
        Two bar traces: halves whose choice ranked at or below the median of the other half, and
        above it.

    Raises
    ------
    InputError
        It has no probability.
    """
    if found.probability is None:
        raise InputError(f"there is no probability of overfitting to draw: {found.reason}")
    edges, counts = np.array(found.logit_edges), np.array(found.logit_counts)
    middles, width = (edges[1:] + edges[:-1]) / 2.0, float(edges[1] - edges[0])
    said = f"{found.probability:.0%} of the choices were no better than the median elsewhere"
    figure = lab_figure(
        title=said if found.inconclusive is None else f"Inconclusive: {said}",
        x_title="logit of the rank in the other half (above 0: better than the median)",
        y_title=f"Halves of time, of {found.splits:,}",
        height=320,
    )
    low = edges[1:] <= 0.0
    for name, chosen, colour, pattern in (
        ("At or below the median", low, LOSS, "/"),
        ("Above the median", ~low, GAIN, ""),
    ):
        figure.add_bar(
            x=middles[chosen].tolist(),
            y=counts[chosen].tolist(),
            width=width,
            name=name,
            marker={"color": colour, "pattern": {"shape": pattern, "fillmode": "overlay"}},
            hovertemplate="logit about %{x:.2f}: %{y:,} halves",
        )
    figure.update_layout(hovermode="closest", bargap=0, barmode="overlay")
    return figure
