"""The paths of a combinatorial cross-validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.report.figures.theme import BENCHMARK, STRATEGY, lab_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hyprl_lab.research.validation.cross_validation import CrossValidation

__all__ = ["cross_validation_figure"]


def cross_validation_figure(found: CrossValidation) -> go.Figure:
    """Draw the equity of each path, the worst one marked.

    The title has the 5 % quantile of their annual Sharpe ratios, which a gate asks about; between
    few paths it is interpolated, and so a little above the worst.

    Parameters
    ----------
    found
        `validation.evidence["cpcv"]`.

    Returns
    -------
    plotly.graph_objects.Figure
        A line for each path, the one of the smallest Sharpe ratio last.
    """
    low = found.quantile(0.05)
    said = "one does not vary" if low is None else f"5 % quantile of Sharpe ratios {low:.2f}"
    figure = lab_figure(
        title=f"{len(found.sharpes)} paths, chosen on some parts and traded on the others: {said}",
        x_title="Returns since the start",
        y_title="Equity of a path, 1 at the start",
    )
    known = [-1e9 if sharpe is None else sharpe for sharpe in found.sharpes]
    worst = known.index(min(known))
    order = [place for place in range(len(known)) if place != worst] + [worst]
    for place in order:
        sharpe = found.sharpes[place]
        shown = "undefined" if sharpe is None else f"{sharpe:.2f}"
        figure.add_scatter(
            x=list(found.rows),
            y=list(found.curves[place]),
            name=f"Worst path, Sharpe {shown}" if place == worst else f"Path, Sharpe {shown}",
            mode="lines",
            line={
                "color": STRATEGY if place == worst else BENCHMARK,
                "width": 2.5 if place == worst else 1,
            },
            showlegend=place == worst,
            hovertemplate="%{y:.3f}",
        )
    figure.update_layout(hovermode="closest")
    return figure
