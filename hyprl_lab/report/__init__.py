"""Charts and tables of a run, and the report that holds them all.

`hl.report` is a verb, and this package has its name: importing the package puts it where the verb
stood. So the package itself can be called, and does what `report` does.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from hyprl_lab.report.evidence import validation_table, verdict_table, windows_table
from hyprl_lab.report.figures import (
    calendar_figure,
    calendar_returns,
    cross_validation_figure,
    drawdown_fan_figure,
    drawdown_figure,
    drawdown_series,
    equity_figure,
    null_figure,
    outcomes_figure,
    overfitting_figure,
    price_figure,
    quality_figure,
    validation_figures,
    walk_forward_figure,
)
from hyprl_lab.report.lead import headline_cards, title_block
from hyprl_lab.report.markup import STYLE, Column, Markup, Table
from hyprl_lab.report.run_report import Report, report
from hyprl_lab.report.saved import SavedRun, load_run
from hyprl_lab.report.sections import (
    lineage_table,
    run_table,
    validation_section,
    verdict_section,
)
from hyprl_lab.report.tables import config_table, metrics_table, trades_table

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.report.evidence import Evidence
    from hyprl_lab.report.run_report import Reportable

__all__ = [
    "STYLE",
    "Column",
    "Markup",
    "Report",
    "SavedRun",
    "Table",
    "calendar_figure",
    "calendar_returns",
    "config_table",
    "cross_validation_figure",
    "drawdown_fan_figure",
    "drawdown_figure",
    "drawdown_series",
    "equity_figure",
    "headline_cards",
    "lineage_table",
    "load_run",
    "metrics_table",
    "null_figure",
    "outcomes_figure",
    "overfitting_figure",
    "price_figure",
    "quality_figure",
    "report",
    "run_table",
    "title_block",
    "trades_table",
    "validation_figures",
    "validation_section",
    "validation_table",
    "verdict_section",
    "verdict_table",
    "walk_forward_figure",
    "windows_table",
]


class _Verb(ModuleType):
    def __call__(
        self,
        result: Reportable,
        *,
        folder: Path | str | None = None,
        validation: Evidence | None = None,
        verdict: Evidence | None = None,
    ) -> Report:
        return report(result, folder=folder, validation=validation, verdict=verdict)


sys.modules[__name__].__class__ = _Verb
