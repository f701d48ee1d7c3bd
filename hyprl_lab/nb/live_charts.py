"""Charts that are redrawn in place when a control moves.

Plotly's own `FigureWidget` answers every update, and the page drops what the kernel sends before
that answer is acknowledged; a user who moves two controls quickly keeps an old chart. Here figures
travel one way: the last ones sent are the ones shown.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

__all__ = ["LiveCharts"]

VIEW: Final = """
const CONFIG = { displaylogo: false, responsive: true };

function render({ model, el }) {
  const Plotly = window.Plotly;
  const charts = model.get("figures").map(() => {
    const chart = document.createElement("div");
    el.appendChild(chart);
    return chart;
  });
  const draw = () => model.get("figures").forEach(
    (figure, place) => Plotly.react(charts[place], figure.data, figure.layout, CONFIG)
  );
  model.on("change:figures", draw);
  draw();
  // The page is laid out after the first drawing: follow its width.
  const watcher = new ResizeObserver(() => charts.forEach((chart) => Plotly.Plots.resize(chart)));
  watcher.observe(el);
  return () => {
    watcher.disconnect();
    charts.forEach((chart) => Plotly.purge(chart));
  };
}

export default { render };
"""


class LiveCharts:
    """A column of charts in one widget; Plotly's script ships with it, nothing is fetched.

    Parameters
    ----------
    figures
        What is shown first; later ones are as many, in the same order.

    Examples
    --------
    >>> from hyprl_lab.report import drawdown_figure
    >>> from hyprl_lab.report.sample import sample_run
    >>> charts = LiveCharts([drawdown_figure(sample_run())])
    >>> charts.widget.figures[0]["layout"]["xaxis"]["title"]["text"]
    'Date (UTC)'
    """

    def __init__(self, figures: Sequence[go.Figure]) -> None:
        self.widget: Any = _widget_class()(figures=_plain(figures))

    def show(self, figures: Sequence[go.Figure]) -> None:
        """Draw other figures in place of those that are shown.

        Raises
        ------
        ValueError
            There are more or fewer than at first.
        """
        if len(figures) != len(self.widget.figures):
            raise ValueError(f"{len(figures)} figures; this shows {len(self.widget.figures)}")
        self.widget.figures = _plain(figures)


def _plain(figures: Sequence[go.Figure]) -> list[dict[str, Any]]:
    import json

    return [json.loads(figure.to_json()) for figure in figures]


@cache
def _widget_class() -> type[Any]:
    import anywidget
    import traitlets
    from plotly.offline import get_plotlyjs

    class Charts(anywidget.AnyWidget):
        _esm = get_plotlyjs() + VIEW
        figures = traitlets.List(traitlets.Dict()).tag(sync=True)

    return Charts
