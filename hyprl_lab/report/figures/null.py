"""What the same search finds where there is nothing to find, and what it found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.report.figures.theme import BENCHMARK, LOSS, STRATEGY, lab_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hyprl_lab.research.null import SearchNull

__all__ = ["null_figure"]

_MOST_BINS: Final = 40
_FEWEST_BINS: Final = 8
_WHOLE_TICKS: Final = 10
"""Up to this many markets in a bin each whole number has a tick; beyond, ticks are whole anyway."""
_LABELS: Final = {"sharpe": "Annual Sharpe ratio"}


def null_figure(found: SearchNull) -> go.Figure:
    """Draw the scores of the markets without an edge, with the real one marked.

    Parameters
    ----------
    found
        What `hl.search_null` returned, or `validation.evidence["permutation"]`.

    Returns
    -------
    plotly.graph_objects.Figure
        Two bar traces: markets below the real score, and at or above it. Markets on which nothing
        was ranked are not drawn; the axis says how many.

    Raises
    ------
    InputError
        No market has a score.
    """
    known = found.scores[np.isfinite(found.scores)]
    if not len(known):
        raise InputError("no market has a score to draw; nothing was ranked on any of them")
    seen = np.append(known, found.real) if np.isfinite(found.real) else known
    bins = min(max(_FEWEST_BINS, math.ceil(2.0 * math.sqrt(len(known)))), _MOST_BINS)
    edges = np.linspace(float(seen.min()), float(seen.max()), bins + 1)
    if edges[0] == edges[-1]:
        edges = np.linspace(edges[0] - 0.5, edges[-1] + 0.5, bins + 1)
    missing = found.done - len(known)
    left_out = f", {missing:,} without a score" if missing else ""
    what = "search" if found.form == "search" else "walk-forward"
    figure = lab_figure(
        title=f"The same {what} scores this by chance in {found.p_value:.1%} of cases",
        x_title=f"{_LABELS.get(found.statistic, found.statistic)} of the {what}",
        y_title=f"Markets, of {found.done:,}{left_out}",
        height=320,
    )
    highest = 0
    for name, chosen, colour, pattern in (
        ("Below the real one", known < found.real, BENCHMARK, ""),
        ("At least the real one", known >= found.real, LOSS, "/"),
    ):
        counts, _ = np.histogram(known[chosen], edges)
        highest = max(highest, int(counts.max()))
        figure.add_bar(
            x=((edges[1:] + edges[:-1]) / 2.0).tolist(),
            y=counts.tolist(),
            width=float(edges[1] - edges[0]),
            name=name,
            marker={"color": colour, "pattern": {"shape": pattern, "fillmode": "overlay"}},
            hovertemplate="about %{x:.3f}: %{y:,} markets",
        )
    if np.isfinite(found.real):
        figure.add_vline(
            x=found.real,
            line={"color": STRATEGY, "width": 3},
            annotation_text=f"real: {found.real:.2f}",
            annotation_position="top left",
            annotation_xshift=-6,
        )
    margin = float(edges[1] - edges[0])
    figure.update_xaxes(range=[edges[0] - margin, edges[-1] + margin])
    if highest <= _WHOLE_TICKS:
        figure.update_yaxes(dtick=1)
    figure.update_layout(hovermode="closest", bargap=0, barmode="stack")
    return figure
