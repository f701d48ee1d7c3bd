"""Bars: import, quality, calendars, fingerprints."""

from __future__ import annotations

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.catalogue import dataset_names, load_bars
from hyprl_lab.data.read import read_bars

__all__ = ["Bars", "dataset_names", "load_bars", "read_bars"]
