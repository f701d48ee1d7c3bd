"""Charts of a run and of a validation: pure functions to a Plotly figure, in one style."""

from hyprl_lab.report.figures.calendar import calendar_figure, calendar_returns
from hyprl_lab.report.figures.cross_validation import cross_validation_figure
from hyprl_lab.report.figures.drawdown import drawdown_figure, drawdown_series
from hyprl_lab.report.figures.drawdown_fan import drawdown_fan_figure
from hyprl_lab.report.figures.equity import equity_figure
from hyprl_lab.report.figures.null import null_figure
from hyprl_lab.report.figures.outcomes import outcomes_figure
from hyprl_lab.report.figures.overfitting import overfitting_figure
from hyprl_lab.report.figures.price import price_figure
from hyprl_lab.report.figures.quality import quality_figure
from hyprl_lab.report.figures.validation import validation_figures
from hyprl_lab.report.figures.walk_forward import walk_forward_figure

__all__ = [
    "calendar_figure",
    "calendar_returns",
    "cross_validation_figure",
    "drawdown_fan_figure",
    "drawdown_figure",
    "drawdown_series",
    "equity_figure",
    "null_figure",
    "outcomes_figure",
    "overfitting_figure",
    "price_figure",
    "quality_figure",
    "validation_figures",
    "walk_forward_figure",
]
