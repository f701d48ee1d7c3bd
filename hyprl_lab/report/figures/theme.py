"""One look for every chart: colours, fonts, margins, labelled axes.

The colours are the Okabe-Ito set, which stays distinct under the common kinds of colour blindness
(M. Okabe, K. Ito, "Color Universal Design", 2008). Meaning is never carried by colour alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

__all__ = [
    "BENCHMARK",
    "FONT",
    "GAIN",
    "INK",
    "LOSS",
    "PRICE",
    "SHORT",
    "STRATEGY",
    "instants",
    "lab_figure",
]

INK: Final = "#1f2933"
MUTED: Final = "#52606d"
GRID: Final = "#e4e7eb"
STRATEGY: Final = "#0072B2"
BENCHMARK: Final = "#7b8794"
PRICE: Final = "#3e4c59"
GAIN: Final = "#009E73"
LOSS: Final = "#D55E00"
SHORT: Final = "#CC79A7"
FONT: Final = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"


def lab_figure(*, title: str, x_title: str, y_title: str, height: int = 380) -> go.Figure:
    """Return an empty figure in the lab's style.

    Parameters
    ----------
    title
        What the chart answers, one line.
    x_title, y_title
        Axis labels with their unit.
    height
        Pixels; the width follows the page.

    Examples
    --------
    >>> figure = lab_figure(title="Equity", x_title="Date (UTC)", y_title="Money")
    >>> figure.layout.yaxis.title.text
    'Money'
    """
    import plotly.graph_objects as go

    axis = {
        "gridcolor": GRID,
        "linecolor": MUTED,
        "zeroline": False,
        "showline": True,
        "ticks": "outside",
        "tickcolor": MUTED,
        "automargin": True,
        "title": {"standoff": 10, "font": {"size": 13}},
    }
    template = go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": INK},
            "paper_bgcolor": "white",
            "plot_bgcolor": "white",
            "hovermode": "x unified",
            "title": {"x": 0, "xref": "container", "pad": {"l": 8}, "font": {"size": 16}},
            "margin": {"l": 70, "r": 24, "t": 64, "b": 56},
            "legend": {
                "orientation": "h",
                "x": 1,
                "xanchor": "right",
                "y": 1.01,
                "yanchor": "bottom",
            },
            "xaxis": axis,
            "yaxis": axis,
        }
    )
    return go.Figure(
        layout={
            "template": template,
            "title": {"text": title},
            "height": height,
            "xaxis": {"title": {"text": x_title}},
            "yaxis": {"title": {"text": y_title}},
        }
    )


def instants(index: pd.Index[pd.Timestamp] | pd.Series[pd.Timestamp]) -> list[str]:
    """Return UTC timestamps as text a chart reads, without the part of the day where all are 00:00.

    Parameters
    ----------
    index
        Timestamps; aware ones are converted to UTC, naive ones are taken as UTC. NaT is refused
        by pandas.

    Examples
    --------
    >>> import pandas as pd
    >>> instants(pd.DatetimeIndex(["2020-01-02", "2020-01-03"], tz="UTC"))
    ['2020-01-02', '2020-01-03']
    >>> instants(pd.DatetimeIndex(["2020-01-02 09:30"], tz="UTC"))
    ['2020-01-02T09:30:00']
    """
    import pandas as pd

    moments = pd.DatetimeIndex(pd.to_datetime(index, utc=True))
    daily = bool((moments == moments.normalize()).all())
    return list(moments.strftime("%Y-%m-%d" if daily else "%Y-%m-%dT%H:%M:%S"))
