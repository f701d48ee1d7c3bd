"""The control panel: choose bars, strategy and parameters, and see what comes of them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final, Protocol

from hyprl_lab.data import dataset_names, load_bars
from hyprl_lab.errors import LabError
from hyprl_lab.nb.controls import LABELLED, WIDE, CostControls, ParameterControls, RiskControls
from hyprl_lab.nb.live_charts import LiveCharts
from hyprl_lab.report import (
    STYLE,
    drawdown_figure,
    equity_figure,
    metrics_table,
    price_figure,
    trades_table,
)
from hyprl_lab.report.view import RunView
from hyprl_lab.strategy import builtin

if TYPE_CHECKING:
    from hyprl_lab.data import Bars
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.report.tables import MetricsView
    from hyprl_lab.strategy import Strategy

__all__ = ["ControlPanel", "control_panel"]

FIGURES: Final = (equity_figure, drawdown_figure, price_figure)


class PanelRun(RunView, Protocol):
    """A run as the panel shows it."""

    @property
    def metrics(self) -> MetricsView:
        """What the run achieved."""
        ...


class Backtest(Protocol):
    """What computes a run; `hyprl_lab.research.backtest` does."""

    def __call__(
        self,
        bars: Bars,
        strategy: Strategy,
        *,
        params: dict[str, float],
        risk: Risk,
        execution: Execution,
    ) -> PanelRun:
        """Return the run."""
        ...


class ControlPanel:
    """A page of controls at the left and results at the right; each change computes anew.

    Every run the panel makes counts as a trial in the ledger, as any other does: looking is
    choosing.

    Parameters
    ----------
    backtest
        What computes a run.
    """

    def __init__(self, backtest: Backtest) -> None:
        import ipywidgets

        self._backtest = backtest
        shared: dict[str, Any] = {"layout": WIDE, "style": LABELLED}
        self._bars = ipywidgets.Dropdown(
            options=dataset_names(), value="sp500", description="Bars", **shared
        )
        self._strategy = ipywidgets.Dropdown(
            options=builtin.names(), value="dual_sma", description="Strategy", **shared
        )
        self._risk, self._costs = RiskControls(self.refresh), CostControls(self.refresh)
        self._parameters = ParameterControls(builtin.get(self._strategy.value), self.refresh)
        self._bars.observe(lambda _change: self.refresh(), names="value")
        self._strategy.observe(lambda _change: self._change_strategy(), names="value")
        self._slot = ipywidgets.VBox([self._parameters.widget])
        self._message = ipywidgets.HTML()
        self._metrics, self._trades = ipywidgets.HTML(), ipywidgets.HTML()
        first = self._run()
        self._charts = LiveCharts([draw(first) for draw in FIGURES])
        self._write(first)
        self.widget: Any = self._layout()

    def _layout(self) -> Any:
        import ipywidgets

        controls = ipywidgets.VBox(
            [
                ipywidgets.HTML(f"{STYLE}{PAGE_STYLE}<h1>Control panel</h1>"),
                self._bars,
                self._strategy,
                ipywidgets.HTML("<h2>Parameters</h2>"),
                self._slot,
                ipywidgets.HTML("<h2>Sizing and costs</h2>"),
                self._risk.widget,
                self._costs.widget,
                self._message,
                self._metrics,
            ],
            layout={"flex": "0 0 380px", "padding": "16px 20px"},
        ).add_class("hyprl-controls")
        results = ipywidgets.VBox(
            [self._charts.widget, self._trades],
            layout={"flex": "1 1 640px", "min_width": "0", "padding": "16px 20px"},
        ).add_class("hyprl-results")
        return ipywidgets.Box(
            [controls, results], layout={"display": "flex", "flex_flow": "row wrap"}
        ).add_class("hyprl-panel")

    def refresh(self) -> None:
        """Compute the run that the controls describe, and show it or why there is none."""
        try:
            run = self._run()
        except LabError as error:
            self._message.value = f'<p class="failed" role="alert">{escape(str(error))}</p>'
            return
        self._charts.show([draw(run) for draw in FIGURES])
        self._write(run)

    def _run(self) -> PanelRun:
        return self._backtest(
            load_bars(self._bars.value),
            builtin.get(self._strategy.value),
            params=self._parameters.values,
            risk=self._risk.value,
            execution=self._costs.value,
        )

    def _write(self, run: PanelRun) -> None:
        self._message.value = ""
        self._metrics.value = metrics_table(run.metrics).to_html()
        self._trades.value = trades_table(run.trades).to_html()

    def _change_strategy(self) -> None:
        self._parameters = ParameterControls(builtin.get(self._strategy.value), self.refresh)
        self._slot.children = (self._parameters.widget,)
        self.refresh()


def control_panel() -> Any:
    """Return the panel as a widget, over the real engine and the ledger."""
    from hyprl_lab.research import backtest

    return ControlPanel(backtest).widget


PAGE_STYLE: Final = """<style>
.hyprl-panel { align-items: flex-start;
  font-family: Inter, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
.hyprl-panel > * { background: white; margin: 8px; border: 1px solid #e4e7eb; border-radius: 6px; }
.hyprl-panel h1 { font-size: 22px; margin: 0 0 12px; }
.hyprl-panel h2 { font-size: 14px; margin: 14px 0 4px; color: #52606d; }
.hyprl-panel p.failed { color: #a84300; background: #fff3ea; border-left: 4px solid #d55e00;
  padding: 8px 12px; white-space: normal; line-height: 1.45; }
.hyprl-controls .widget-html, .hyprl-results .widget-html { width: 100%; }
.hyprl-controls .widget-html-content, .hyprl-results .widget-html-content {
  width: 100%; overflow-x: auto; }
</style>"""
