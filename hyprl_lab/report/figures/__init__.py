"""Charts of a run: pure functions from a run to a Plotly figure, in one style."""

from hyprl_lab.report.figures.calendar import calendar_figure, calendar_returns
from hyprl_lab.report.figures.drawdown import drawdown_figure, drawdown_series
from hyprl_lab.report.figures.equity import equity_figure
from hyprl_lab.report.figures.outcomes import outcomes_figure
from hyprl_lab.report.figures.price import price_figure
from hyprl_lab.report.figures.quality import quality_figure

__all__ = [
    "calendar_figure",
    "calendar_returns",
    "drawdown_figure",
    "drawdown_series",
    "equity_figure",
    "outcomes_figure",
    "price_figure",
    "quality_figure",
]
