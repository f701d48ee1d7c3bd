"""Where the findings about bars lie, on the price."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.quality.imported import repaired_rows
from hyprl_lab.report.figures.theme import LOSS, PRICE, SHORT, STRATEGY, instants, lab_figure
from hyprl_lab.report.figures.thin import thin

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.data.findings import Finding, Quality
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["quality_figure"]

_MARKS: Final = {
    "gap": ("triangle-left", STRATEGY, "Gap before"),
    "outside_session": ("diamond", SHORT, "Outside a session"),
    "outlier": ("x", LOSS, "Outlier"),
    "zero_volume": ("circle", "#009E73", "Zero volume"),
    "flat_bar": ("line-ew-open", "#E69F00", "Flat bar"),
    "unadjusted_split": ("triangle-down", "#882255", "Unadjusted split"),
    "time_zone": ("square", "#56B4E9", "Time zone"),
}
"""The kinds whose rows are rows of the bars: shape, colour and name of their marks."""
_REPAIRED: Final = {
    "duplicate_time": ("hexagram", "#0091D5", "Duplicate time"),
    "ohlc_violation": ("cross", "#0091D5", "Range widened"),
    "unsorted": ("bowtie", "#0091D5", "Sorted"),
}
"""The kinds of which a repair leaves bars behind."""
_DONE: Final = {"adjust": "adjusted", "resample": "resampled"}
"""Steps of the lineage that make other prices."""
_FEW: Final = 100
"""More marks than this are drawn smaller."""


def quality_figure(bars: Bars, quality: Quality | None = None) -> go.Figure:
    """Draw the close, and a mark at each row that a finding names, by kind.

    Filled marks are warnings, open ones information. An outlier's mark stands at the price that is
    furthest from the close before, the others at the close. A finding names its first 1,000 rows; a
    name in the legend says of how many. Rows of a file that an import repaired have a mark where
    they became bars; those that it left out have none. The title says what was done to the prices.

    Parameters
    ----------
    bars
        The bars.
    quality
        What was found in them; `None` looks now.

    Returns
    -------
    plotly.graph_objects.Figure
        The close first, then one trace a finding.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> [trace.name for trace in quality_figure(load_bars("TEST")).data]
    ['Close']
    """
    import pandas as pd

    report = bars.quality() if quality is None else quality
    times = bars.ts.view("datetime64[us]")
    close = thin(pd.Series(bars.close, index=pd.DatetimeIndex(times)))
    figure = lab_figure(
        title=f"Quality of {escape(report.title)}{_done(bars)}",
        x_title="Date (UTC)",
        y_title="Price (quote currency)",
        height=460,
    )
    figure.add_scatter(
        x=instants(close.index),
        y=close.to_numpy(),
        name="Close",
        mode="lines",
        line={"color": PRICE, "width": 1.1},
        hovertemplate="%{x}<br>%{y:,.6~f}<extra></extra>",
    )
    for finding in report.findings:
        if finding.severity == "repaired":
            rows = repaired_rows(bars, finding)
            if rows.size and finding.kind in _REPAIRED:
                _mark(figure, bars, finding, rows, _REPAIRED[finding.kind])
        elif finding.kind in _MARKS and finding.rows:
            rows = np.array(finding.rows, dtype=np.int64)
            _mark(figure, bars, finding, rows, _MARKS[finding.kind])
    margin = (close.index[-1] - close.index[0]) / 80  # a mark on the first bar is seen whole
    ends = pd.DatetimeIndex([close.index[0] - margin, close.index[-1] + margin])
    figure.update_xaxes(range=instants(ends))
    # Many kinds make a long legend: it stands below, where no title is in its way.
    figure.update_layout(
        hovermode="closest",
        legend={"x": 0, "xanchor": "left", "y": -0.24, "yanchor": "top"},
    )
    return figure


def _done(bars: Bars) -> str:
    """Return what was done to the prices, in order, each once."""
    words = [_DONE[step.operation] for step in bars.lineage if step.operation in _DONE]
    return "".join(f", {word}" for word in dict.fromkeys(words))


def _mark(
    figure: go.Figure, bars: Bars, finding: Finding, rows: IntArray, look: tuple[str, str, str]
) -> None:
    import pandas as pd

    symbol, colour, name = look
    total = finding.count if finding.severity == "repaired" else sum(finding.spread) or rows.size
    shown = f"{rows.size:,}" if rows.size == total else f"first {rows.size:,} of {total:,}"
    loud = finding.severity != "info" or symbol.endswith("-open")
    figure.add_scatter(
        x=instants(pd.DatetimeIndex(bars.ts[rows].view("datetime64[us]"))),
        y=_furthest(bars, rows) if finding.kind == "outlier" else bars.close[rows],
        text=[f"row {row:,}" for row in rows],
        name=f"{name}, {finding.severity} ({shown})",
        mode="markers",
        marker={
            "symbol": symbol if loud else f"{symbol}-open",
            "color": colour,
            "size": 9 if rows.size <= _FEW else 6,
            "line": {"width": 1.5, "color": colour},
        },
        hovertemplate="%{x}<br>%{y:,.6~f}<br>%{text}",
    )


def _furthest(bars: Bars, rows: IntArray) -> FloatArray:
    """Return the high or the low of bars, whichever is further from the close before them."""
    before = bars.close[np.maximum(rows - 1, 0)]
    high, low = bars.high[rows], bars.low[rows]
    up, down = np.log(high) - np.log(before), np.log(before) - np.log(low)
    return np.where(up >= down, high, low)
