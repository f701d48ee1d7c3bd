"""Read-only SQL over one state of the warehouse."""

from __future__ import annotations

from hyprl_lab.store.queries.views import VIEWS

__all__ = [
    "VIEWS",
]
