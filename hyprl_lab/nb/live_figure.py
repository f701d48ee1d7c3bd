"""A chart that is redrawn in place when a control moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["LiveFigure"]


class LiveFigure:
    """A Plotly widget whose traces and labels follow the last figure it was shown.

    Plotly drops a trace that is added to a widget before it is displayed, so the widget is made
    of a complete figure, and later figures must have as many traces of the same types.

    Parameters
    ----------
    figure
        The first figure.

    Examples
    --------
    >>> from hyprl_lab.report import drawdown_figure
    >>> from hyprl_lab.report.sample import sample_run
    >>> live = LiveFigure(drawdown_figure(sample_run()))
    >>> len(live.widget.data)
    1
    """

    def __init__(self, figure: go.Figure) -> None:
        import plotly.graph_objects as go

        self.widget: Any = go.FigureWidget(figure)
        # The page is laid out after the first drawing: follow its width.
        self.widget._config = {"displaylogo": False, "responsive": True}  # noqa: SLF001  # no public setter

    def show(self, figure: go.Figure) -> None:
        """Take over the traces and the layout of another figure, in one message to the page.

        Raises
        ------
        ValueError
            The figure has another number or other types of traces.
        """
        types = [trace.type for trace in self.widget.data]
        given = [trace.type for trace in figure.data]
        if types != given:
            raise ValueError(f"the figure has the traces {given}; this chart shows {types}")
        with self.widget.batch_update():
            for shown, trace in zip(self.widget.data, figure.data, strict=True):
                shown.update(trace.to_plotly_json(), overwrite=False)
            self.widget.update_layout(
                title_text=figure.layout.title.text,
                height=figure.layout.height,
                xaxis_range=figure.layout.xaxis.range,
            )
