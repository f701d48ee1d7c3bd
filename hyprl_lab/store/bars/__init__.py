"""Bars that are kept."""

from __future__ import annotations

from hyprl_lab.store.bars.bar_store import FOR_A_RUN, BarSet, BarStore
from hyprl_lab.store.bars.imported import import_bars

__all__ = [
    "FOR_A_RUN",
    "BarSet",
    "BarStore",
    "import_bars",
]
