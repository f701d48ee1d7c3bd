"""Read-only SQL over one state of the warehouse."""

from __future__ import annotations

from hyprl_lab.store.queries.catalog import CATALOG, VIEWS, View
from hyprl_lab.store.queries.pages import Pages
from hyprl_lab.store.queries.reader import Reader

__all__ = [
    "CATALOG",
    "VIEWS",
    "Pages",
    "Reader",
    "View",
]
