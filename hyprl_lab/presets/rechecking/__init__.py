"""Checking a promoted preset again: its document, its verdict, and the evidence that was kept."""

from __future__ import annotations

from hyprl_lab.presets.rechecking.line import Line
from hyprl_lab.presets.rechecking.recheck import Rechecked, recheck

__all__ = ["Line", "Rechecked", "recheck"]
