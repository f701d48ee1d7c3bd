"""What notebooks share: progress bars, widgets, dashboards."""

from hyprl_lab.nb.control_panel import ControlPanel, control_panel
from hyprl_lab.nb.live_charts import LiveCharts
from hyprl_lab.nb.voila import VoilaServer, serve_dashboard, voila_server
from hyprl_lab.progress import progress_bar

__all__ = [
    "ControlPanel",
    "LiveCharts",
    "VoilaServer",
    "control_panel",
    "progress_bar",
    "serve_dashboard",
    "voila_server",
]
