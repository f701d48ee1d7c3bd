"""Bars: import, quality, calendars, fingerprints; sessions, clocks and longer timeframes."""

from __future__ import annotations

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.calendars import Calendar, calendar_of
from hyprl_lab.data.catalogue import dataset_names, load_bars
from hyprl_lab.data.clock import clock
from hyprl_lab.data.factors import Factors, read_factors
from hyprl_lab.data.findings import Finding, Quality
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.longer import LongerBars, longer_bars
from hyprl_lab.data.panel import Panel
from hyprl_lab.data.read import inspect_bars, read_bars
from hyprl_lab.data.schedule import square_off
from hyprl_lab.data.sessions import bars_per_year, session_numbers
from hyprl_lab.data.split import Split, Window
from hyprl_lab.data.timeframe import Timeframe

__all__ = [
    "Bars",
    "Calendar",
    "Factors",
    "Finding",
    "Lineage",
    "LongerBars",
    "Panel",
    "Quality",
    "Split",
    "Timeframe",
    "Window",
    "bars_per_year",
    "calendar_of",
    "clock",
    "dataset_names",
    "inspect_bars",
    "load_bars",
    "longer_bars",
    "read_bars",
    "read_factors",
    "session_numbers",
    "square_off",
]
