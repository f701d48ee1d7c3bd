"""How deep resampled years fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.report.figures.theme import LOSS, lab_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hyprl_lab.research.validation.ruin_paths import RuinPaths

__all__ = ["drawdown_fan_figure"]


def drawdown_fan_figure(found: RuinPaths) -> go.Figure:
    """Draw quantiles of the deepest fall so far over resampled paths.

    Parameters
    ----------
    found
        `validation.evidence["ruin"]`.

    Returns
    -------
    plotly.graph_objects.Figure
        A line for each quantile, the deepest last, below zero.
    """
    fan, risk = found.fan, found.risk
    worst = fan.quantiles[-1][-1]
    figure = lab_figure(
        title=f"One resampled year in 20 falls by {worst:.0%}; "
        f"{risk.probability:.2%} reach {risk.drawdown:.0%}",
        x_title="Returns since the start",
        y_title="Deepest fall so far (% of the highest point)",
        height=340,
    )
    for place, (share, row) in enumerate(zip(fan.probabilities, fan.quantiles, strict=True)):
        figure.add_scatter(
            x=list(fan.steps),
            y=[-100.0 * value for value in row],
            name=f"{share:.0%}",
            mode="lines",
            line={
                "color": LOSS,
                "width": 1.0 + 0.5 * place,
                "dash": "solid" if share >= 0.5 else "dot",
            },
            opacity=0.45 + 0.55 * share,
            hovertemplate="%{y:.1f} %",
        )
    figure.add_hline(
        y=-100.0 * risk.drawdown,
        line={"color": LOSS, "dash": "dash"},
        annotation_text="ruin",
        annotation_position="bottom left",
    )
    figure.update_layout(legend={"title": {"text": "Share of paths that fall less: "}})
    return figure
